// Files the store must not use: it says which and why, and leaves every byte as it was.

#include <support/store_fixture_folder.hpp>

#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>

namespace tallycast::test {

namespace {

using ::testing::HasSubstr;

class Refused_file : public embedded_on_disk {
protected:
    void have_a_file() {
        open_with_poll();
        ASSERT_TRUE(cast({a_vote(1, 1), a_vote(2, 2)}));
        close();
    }

    void damage(const std::string& sql, bool fold = true) {
        sqlite3* db = nullptr;
        ASSERT_EQ(sqlite3_open(folder_.file().c_str(), &db), SQLITE_OK);
        if (!fold) sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
            << sqlite3_errmsg(db);
        sqlite3_close(db);
    }

    void write(const std::string& content) {
        std::ofstream out(folder_.file(), std::ios::binary | std::ios::trunc);
        out << content;
    }

    void expect_refused(const std::string& why) {
        const auto before = content_of(folder_.file());
        const auto opened = try_to_open(folder_.path());
        ASSERT_FALSE(opened) << why;
        EXPECT_EQ(opened.error().code, base::errc::store_unavailable);
        EXPECT_THAT(opened.error().detail, HasSubstr(folder_.file()));
        EXPECT_THAT(opened.error().detail, HasSubstr(why));
        EXPECT_EQ(content_of(folder_.file()), before);
    }
};

TEST_F(Refused_file, Empty) {
    write("");
    expect_refused("empty");
}

TEST_F(Refused_file, Not_a_database) {
    write(
        "These are the minutes of the meeting, and they are longer than a header of a hundred "
        "bytes would be, "
        "so that the length is not what gives them away.");
    expect_refused("not a SQLite database");
}

TEST_F(Refused_file, Shorter_than_a_header) {
    write("SQLite format 3");
    expect_refused("not a SQLite database");
}

TEST_F(Refused_file, Cut_short_anywhere) {
    have_a_file();
    const auto whole = content_of(folder_.file());
    for (const auto length : {whole.size() - 1, whole.size() - 4096, whole.size() / 2,
                              std::size_t{4096}, std::size_t{100}}) {
        write(whole.substr(0, length));
        expect_refused("cut short");
    }
}

TEST_F(Refused_file, Of_another_program) {
    damage("CREATE TABLE vote(a); PRAGMA application_id=77");
    expect_refused("another program");
}

TEST_F(Refused_file, Of_a_newer_version) {
    have_a_file();
    damage("PRAGMA user_version=4");
    expect_refused("newer");
}

TEST_F(Refused_file, With_garbage_inside) {
    have_a_file();
    auto content = content_of(folder_.file());
    for (std::size_t at = 4096; at < content.size(); at += 5)
        content[at] = static_cast<char>(at * 31);
    write(content);
    expect_refused("damaged");
}

TEST_F(Refused_file, With_a_row_of_the_log_that_does_not_parse) {
    have_a_file();
    damage("UPDATE vote_log SET actions = x'0100'");
    expect_refused("row 1 of the vote log does not parse");
}

TEST_F(Refused_file, With_a_ballot_for_an_option_there_is_not) {
    have_a_file();
    damage("UPDATE vote_log SET actions = x'01010900000000'");
    expect_refused("row 1 of the vote log does not parse");
}

TEST_F(Refused_file, With_votes_of_no_round) {
    have_a_file();
    damage("UPDATE vote_log SET round = 2");
    expect_refused("belongs to no round");
}

TEST_F(Refused_file, With_votes_missing) {
    have_a_file();
    damage("DELETE FROM vote_log");
    expect_refused("disagree");
}

TEST_F(Refused_file, With_a_fault_that_is_only_in_its_write_ahead_log) {
    have_a_file();
    damage("DELETE FROM vote_log", false);
    const auto log = content_of(folder_.file() + "-wal");
    ASSERT_FALSE(log.empty());
    expect_refused("disagree");
    EXPECT_EQ(content_of(folder_.file() + "-wal"), log);
}

TEST_F(Refused_file, With_votes_twice) {
    have_a_file();
    damage("INSERT INTO vote_log(poll, round, actions) SELECT poll, round, actions FROM vote_log");
    expect_refused("disagree");
}

TEST_F(Refused_file, With_a_ledger_that_was_changed) {
    have_a_file();
    damage("UPDATE ledger SET counted = counted + 1");
    expect_refused("disagree");
}

TEST_F(Refused_file, With_a_poll_of_no_event) {
    have_a_file();
    damage("DELETE FROM event");
    expect_refused("has no event");
}

TEST_F(Refused_file, With_a_definition_that_breaks_the_rules) {
    have_a_file();
    damage("DELETE FROM option WHERE place > 0");
    expect_refused("round 1 of poll poll");
}

TEST_F(Refused_file, In_a_place_where_no_directory_can_be) {
    write("a file, no folder");
    const auto inside = folder_.file() + "/data";
    const auto opened = try_to_open(inside);
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.error().detail, HasSubstr(inside + "/tallycast.db"));
    EXPECT_THAT(opened.error().detail, HasSubstr("cannot be made"));
}

TEST_F(Refused_file, Held_by_another_process) {
    have_a_file();
    int ready[2], leave[2];
    ASSERT_EQ(::pipe(ready), 0);
    ASSERT_EQ(::pipe(leave), 0);
    const auto child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const auto held = try_to_open(folder_.path());
        const char word = held ? 'y' : 'n';
        char nothing = 0;
        ::close(leave[1]);
        const bool said = ::write(ready[1], &word, 1) == 1;
        ::_exit(said && ::read(leave[0], &nothing, 1) == 0 ? 0 : 1);
    }
    char word = 0;
    ASSERT_EQ(::read(ready[0], &word, 1), 1);
    ASSERT_EQ(word, 'y');
    expect_refused("in use by another process");
    ::close(leave[1]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    open();
    EXPECT_EQ(results().tally.voters(), 2u) << "free again, and whole";
}

TEST_F(Refused_file, Left_half_made_does_not_hinder_a_new_one) {
    std::ofstream(folder_.file() + ".new") << "half";
    open_with_poll();
    EXPECT_FALSE(std::filesystem::exists(folder_.file() + ".new"));
}

}  // namespace

}  // namespace tallycast::test
