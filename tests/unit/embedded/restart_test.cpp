// What a store knew is what the next one on the same file knows.

#include <support/store_fixture_folder.hpp>

#include <sqlite3.h>
#include <sys/stat.h>

namespace tallycast::test {

namespace {

using domain::transition;
using domain::verdict;

class Restarted_store : public embedded_on_disk {
protected:
    void have_two_rounds() {
        open_with_poll();
        ASSERT_TRUE(cast(
            {a_vote(1, 1, "k1"), a_vote(2, 2), a_vote(5000, 3), a_vote(2, 3), a_vote(1, 1, "k1")}));
        ASSERT_TRUE(cast({a_withdrawal(5000)}));
        ASSERT_TRUE(answer_of(store_->move_poll(poll_, transition::reset, {})));
        ASSERT_TRUE(cast({a_vote(1, 3), a_vote(9, 1)}));
    }
};

TEST_F(Restarted_store, Knows_rounds_ballots_ledgers_and_versions) {
    have_two_rounds();
    const auto first = results(1), second = results(2);
    const auto first_ledger = ledger(1), second_ledger = ledger(2);
    const auto first_ballots = ballots(1), second_ballots = ballots(2);
    close();
    open();
    EXPECT_EQ(results(1).tally, first.tally);
    EXPECT_EQ(results(2).tally, second.tally);
    EXPECT_EQ(results().version, second.version);
    EXPECT_EQ(results().round, 2u);
    EXPECT_EQ(ledger(1), first_ledger);
    EXPECT_EQ(ledger(2), second_ledger);
    EXPECT_EQ(ballots(1), first_ballots);
    EXPECT_EQ(ballots(2), second_ballots);
}

TEST_F(Restarted_store, Reads_a_file_of_version_1_and_brings_it_up_to_date) {
    have_two_rounds();
    const auto before = results();
    close();
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(folder_.file().c_str(), &db), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(db,
                           "ALTER TABLE poll DROP COLUMN position;"
                           "ALTER TABLE event DROP COLUMN accent;"
                           "ALTER TABLE event DROP COLUMN logo;"
                           "DROP TABLE flag; PRAGMA user_version=1",
                           nullptr, nullptr, nullptr),
              SQLITE_OK);
    sqlite3_close(db);
    open();
    EXPECT_EQ(results().tally, before.tally);
    ports::poll_patch patch;
    patch.position = 4;
    ASSERT_TRUE(answer_of(store_->change_poll(poll_, patch)));
    close();
    open();
    EXPECT_EQ(answer_of(store_->move_poll(poll_, transition::close, {}))->position, 4u);
}

TEST_F(Restarted_store, Reads_a_file_of_version_2_which_had_no_flags) {
    have_two_rounds();
    const auto before = results();
    close();
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(folder_.file().c_str(), &db), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(db, "DROP TABLE flag; PRAGMA user_version=2", nullptr, nullptr, nullptr),
              SQLITE_OK);
    sqlite3_close(db);
    open();
    EXPECT_EQ(results().tally, before.tally);
    ASSERT_TRUE(answer_of(store_->set_flag({domain::flag_id::joins, false, {}})));
}

TEST_F(Restarted_store, Tells_flags_as_they_were_set) {
    using flag_ptr = std::shared_ptr<const domain::flag>;
    open_with_poll();
    const base::wall_time at{base::milliseconds(77)};
    ASSERT_TRUE(answer_of(store_->set_flag({domain::flag_id::results_rate, 2.5, at})));
    ASSERT_TRUE(answer_of(store_->set_flag({domain::flag_id::joins, false, at})));
    ASSERT_TRUE(answer_of(store_->set_flag({domain::flag_id::joins, std::nullopt, at})));
    ASSERT_TRUE(answer_of(
        store_->set_flag({domain::flag_id::maintenance_notice, std::string("back at 9"), at})));
    close();
    open();
    const auto told = changes_.of<flag_ptr>();
    ASSERT_EQ(told.size(), 4u + 3u) << "each change, and then each flag once";
    EXPECT_EQ(told[4]->value, domain::flag_value{2.5});
    EXPECT_EQ(told[4]->changed_at, at);
    EXPECT_EQ(told[5]->which, domain::flag_id::joins);
    EXPECT_FALSE(told[5]->value);
    EXPECT_EQ(told[6]->value, domain::flag_value{std::string("back at 9")});
}

TEST_F(Restarted_store, Answers_a_retry_as_the_first_did) {
    open_with_poll();
    const auto first = cast({a_vote(1, 1, "k1"), a_vote(1, 2, "k2")}).value();
    close();
    open();
    const auto again = cast({a_vote(1, 1, "k1"), a_vote(1, 2, "k2"), a_vote(1, 3, "k1")}).value();
    EXPECT_EQ(again[0].what, verdict::replayed);
    EXPECT_EQ(again[0].sequence, first[0].sequence);
    EXPECT_EQ(again[1].what, verdict::replayed);
    EXPECT_EQ(again[1].sequence, first[1].sequence);
    EXPECT_EQ(again[2].what, verdict::key_reused);
}

TEST_F(Restarted_store, Knows_definitions_keys_numbers_and_its_secret) {
    open_with_poll();
    auto full = a_poll("full");
    full.definition.type = domain::poll_type::ranking;
    full.definition.rules.max_choices = 2;
    full.definition.results = domain::visibility::after_close;
    full.definition.closes_at = clock_.wall() + base::milliseconds(60'000);
    full.definition.grace = base::milliseconds(70);
    const auto added = answer_of(store_->add_poll(full)).value();
    const domain::host_key key{.id = base::key_id("k"),
                               .tenant = base::tenant_id("tenant"),
                               .hash = "ff00",
                               .prefix = "tck_a",
                               .label = "desk",
                               .created_at = clock_.wall()};
    ASSERT_TRUE(answer_of(store_->add_key(key)));
    ASSERT_TRUE(answer_of(store_->take_numbers(base::event_id("event"), 12)));
    const auto secret = answer_of(store_->secret()).value();
    close();

    recorded_changes told;
    auto opened = try_to_open(folder_.path());
    ASSERT_TRUE(opened) << opened.error().detail;
    store_ = std::move(*opened);
    EXPECT_FALSE(store_->ready());
    store_->start(told);
    EXPECT_TRUE(store_->ready());
    EXPECT_EQ(told.of<std::shared_ptr<const domain::tenant>>().size(), 1u);
    EXPECT_EQ(told.of<std::shared_ptr<const domain::event>>().at(0)->code, "ACDFGH");
    EXPECT_EQ(told.of<std::shared_ptr<const domain::host_key>>().at(0)->hash, "ff00");
    EXPECT_EQ(told.results().size(), 1u) << "of the open poll, not of the draft";
    const auto polls = told.of<std::shared_ptr<const domain::poll>>();
    ASSERT_EQ(polls.size(), 2u);
    const auto& again = polls[0]->id == added.id ? *polls[0] : *polls[1];
    EXPECT_EQ(again.definition, added.definition);
    EXPECT_EQ(again.revision, added.revision);
    EXPECT_EQ(again.status, domain::poll_status::draft);
    EXPECT_EQ(answer_of(store_->take_numbers(base::event_id("event"), 1))->first, 13u);
    EXPECT_EQ(answer_of(store_->secret()).value(), secret);
}

TEST_F(Restarted_store, Removed_poll_stays_removed) {
    have_two_rounds();
    ASSERT_TRUE(answer_of(store_->remove_poll(poll_)));
    close();
    open();
    EXPECT_EQ(answer_of(store_->results(poll_, 0)).error().code, base::errc::poll_not_found);
}

TEST_F(Restarted_store, Poll_whose_time_passed_meanwhile_is_closed_at_its_end) {
    open_with_poll();
    ports::poll_patch patch;
    const auto closes_at = clock_.wall() + base::milliseconds(1000);
    patch.closes_at = closes_at;
    ASSERT_TRUE(answer_of(store_->change_poll(poll_, patch)));
    close();
    clock_.advance(base::milliseconds(5000));
    open();
    const auto d = cast({a_vote(1, 1)}).value().at(0);
    EXPECT_EQ(d.what, verdict::closed);
    EXPECT_EQ(d.closed_at, closes_at);
}

TEST_F(Restarted_store, Stale_ballots_stay_stale) {
    open_with_poll();
    ports::poll_patch patch;
    patch.options = std::vector<domain::option>{{"x", "One"}, {"y", "Two"}};
    const auto after = answer_of(store_->change_poll(poll_, patch)).value();
    close();
    open();
    EXPECT_EQ(cast({a_vote(1, 1, {}, after.revision - 1)}).value().at(0).what, verdict::stale);
    EXPECT_EQ(cast({a_vote(1, 1, {}, after.revision)}).value().at(0).what, verdict::counted);
}

// File and write-ahead log as a dead machine would leave them, copied while the store runs.
TEST_F(Restarted_store, Image_of_a_running_store_holds_all_that_was_answered) {
    have_two_rounds();
    temporary_folder image;
    for (const auto* name : {"/tallycast.db", "/tallycast.db-wal"})
        std::filesystem::copy_file(folder_.path() + name, image.path() + name);
    const auto shown = results();
    const auto kept = ballots(1);
    ASSERT_GT(std::filesystem::file_size(image.file() + "-wal"), 0u);
    close();
    open(image.path());
    EXPECT_EQ(results().tally, shown.tally);
    EXPECT_EQ(results().version, shown.version);
    EXPECT_EQ(ballots(1), kept);
}

TEST_F(Restarted_store, Files_are_for_their_owner_only) {
    const auto inner = folder_.path() + "/deep/data";
    open(inner);
    struct stat found {};
    ASSERT_EQ(::stat(inner.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0700u);
    for (const auto* name : {"/tallycast.db", "/tallycast.db-wal"}) {
        ASSERT_EQ(::stat((inner + name).c_str(), &found), 0) << name;
        EXPECT_EQ(found.st_mode & 0777, 0600u) << name;
    }
}

TEST_F(Restarted_store, Memory_only_keeps_nothing) {
    open(":memory:");
    ASSERT_TRUE(answer_of(store_->add_tenant(a_tenant())));
    close();
    open(":memory:");
    EXPECT_EQ(answer_of(store_->add_event(an_event())).error().code, base::errc::tenant_not_found);
    EXPECT_FALSE(std::filesystem::exists(":memory:"));
}

}  // namespace

}  // namespace tallycast::test
