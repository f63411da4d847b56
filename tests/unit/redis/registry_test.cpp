#include <redis/registry.hpp>

#include <gtest/gtest.h>

#include <string>

namespace tallycast::redis {
namespace {

domain::poll a_poll(const std::string& id, std::uint32_t revision) {
    domain::poll p;
    p.id = base::poll_id(id);
    p.event = base::event_id("event");
    p.tenant = base::tenant_id("tenant");
    p.definition.question = "Best act?";
    p.definition.options = {{"a", "Blue"}, {"b", "Red \xf0\x9f\x94\xb4"}};
    p.definition.rules = {1, 1, true, std::nullopt};
    p.status = domain::poll_status::open;
    p.revision = revision;
    p.slices = 16;
    return p;
}

domain::event an_event(const std::string& id, const std::string& code, std::uint32_t revision) {
    domain::event e;
    e.id = base::event_id(id);
    e.tenant = base::tenant_id("tenant");
    e.title = "Evening";
    e.code = code;
    e.revision = revision;
    return e;
}

TEST(Registry, A_row_reads_back_as_it_was_written) {
    auto poll = a_poll("p", 3);
    poll.definition.closes_at = base::wall_time(base::milliseconds(5000));
    poll.ballot_revision = 2;
    const auto back = poll_in(row_of(poll));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->definition, poll.definition);
    EXPECT_EQ(back->status, poll.status);
    EXPECT_EQ(back->slices, 16u);
    EXPECT_EQ(back->ballot_revision, 2u);
    for (const auto* bad : {"", "{}", "[1]", "nonsense", R"({"id":1})"}) {
        EXPECT_FALSE(poll_in(bad)) << bad;
        EXPECT_FALSE(event_in(bad)) << bad;
        EXPECT_FALSE(tenant_in(bad)) << bad;
        EXPECT_FALSE(key_in(bad)) << bad;
    }
}

TEST(Registry, Older_and_repeated_rows_are_no_news) {
    registry known;
    EXPECT_TRUE(known.apply(change_kind::poll, row_of(a_poll("p", 2))));
    EXPECT_FALSE(known.apply(change_kind::poll, row_of(a_poll("p", 2))));
    EXPECT_FALSE(known.apply(change_kind::poll, row_of(a_poll("p", 1))));
    EXPECT_EQ(known.poll(base::poll_id("p"))->poll->revision, 2u);
    EXPECT_FALSE(known.apply("of_a_newer_version", "x"));
    EXPECT_FALSE(known.apply(change_kind::poll, "nonsense"));
}

TEST(Registry, Loading_anew_takes_back_what_a_failover_has_lost) {
    registry known;
    known.apply(change_kind::event, row_of(an_event("e", "LATER", 3)));
    known.apply(change_kind::poll, row_of(a_poll("p", 3)));
    const auto earlier = row_of(an_event("e", "CODE", 2));
    const auto told = known.replace({{}, {}, {earlier}, {row_of(a_poll("p", 2))}});
    EXPECT_EQ(told.size(), 2u);
    EXPECT_EQ(known.poll(base::poll_id("p"))->poll->revision, 2u);
    EXPECT_EQ(known.event_with_code("CODE")->row, earlier);
    EXPECT_EQ(known.event_with_code("LATER"), nullptr);
    EXPECT_TRUE(known.replace({{}, {}, {earlier}, {row_of(a_poll("p", 2))}}).empty());
}

TEST(Registry, A_changed_code_frees_the_old_one) {
    registry known;
    known.apply(change_kind::event, row_of(an_event("e", "AAAAAA", 1)));
    known.apply(change_kind::event, row_of(an_event("e", "CCCCCC", 2)));
    EXPECT_EQ(known.event_with_code("AAAAAA"), nullptr);
    ASSERT_NE(known.event_with_code("CCCCCC"), nullptr);
    known.apply(change_kind::event_removed, "e");
    EXPECT_EQ(known.event_with_code("CCCCCC"), nullptr);
}

TEST(Registry, Polls_that_open_or_close_by_themselves_stand_in_line) {
    registry known;
    auto poll = a_poll("p", 1);
    poll.definition.closes_at = base::wall_time(base::milliseconds(5000));
    known.apply(change_kind::poll, row_of(poll));
    ASSERT_TRUE(known.next_due());
    EXPECT_EQ(known.next_due()->first, base::wall_time(base::milliseconds(5000)));
    poll.revision = 2;
    poll.definition.closes_at.reset();
    known.apply(change_kind::poll, row_of(poll));
    EXPECT_FALSE(known.next_due());
}

TEST(Registry, Loading_anew_removes_what_is_gone_an_event_before_its_polls) {
    registry known;
    known.apply(change_kind::event, row_of(an_event("event", "AAAAAA", 1)));
    known.apply(change_kind::poll, row_of(a_poll("p", 1)));
    known.apply(change_kind::poll, row_of(a_poll("q", 1)));
    whole_catalog all;
    all.events = {row_of(an_event("other", "CCCCCC", 1))};
    const auto told = known.replace(all);
    ASSERT_EQ(told.size(), 4u);
    EXPECT_TRUE(std::holds_alternative<ports::event_removed>(told[0]));
    EXPECT_TRUE(std::holds_alternative<ports::poll_removed>(told[1]));
    EXPECT_TRUE(std::holds_alternative<ports::poll_removed>(told[2]));
    EXPECT_TRUE(known.polls().empty());
    EXPECT_TRUE(known.polls_of(base::event_id("event")).empty());
}

}  // namespace
}  // namespace tallycast::redis
