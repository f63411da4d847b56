#include <redis/verdict.hpp>

#include <gtest/gtest.h>

#include <string>

using namespace tallycast::redis;
using kind = verdict::kind;

namespace {

const endpoint from{"10.0.0.9", 6379};

reply ok() { return {reply::kind::status, 0, "OK", {}}; }
reply error(std::string words) { return {reply::kind::error, 0, std::move(words), {}}; }
verdict of(std::string words) { return judge({error(std::move(words))}, from); }

TEST(Verdict, Each_error_has_its_meaning) {
    const std::pair<const char*, kind> table[] = {
        {"MOVED 3999 127.0.0.1:6381", kind::moved},
        {"ASK 3999 127.0.0.1:6381", kind::ask},
        {"TRYAGAIN Multiple keys request during rehashing of slot", kind::try_again},
        {"CLUSTERDOWN Hash slot not served", kind::wait_out},
        {"LOADING Redis is loading the dataset in memory", kind::wait_out},
        {"MASTERDOWN Link with MASTER is down", kind::wait_out},
        {"READONLY You can't write against a read only replica.", kind::wait_out},
        {"NOREPLICAS Not enough good replicas to write.", kind::wait_out},
        {"MISCONF Errors writing to the AOF file: No space left on device", kind::wait_out},
        {"BUSY Redis is busy running a script.", kind::wait_out},
        {"OOM command not allowed when used memory > 'maxmemory'.", kind::wait_out},
        {"ERR Function not found", kind::library_missing},
        {"NOAUTH Authentication required.", kind::refused},
        {"WRONGPASS invalid username-password pair or user is disabled.", kind::refused},
        {"NOPERM this user has no permissions to run the 'fcall' command", kind::refused},
        {"ERR The user executing the script can't run this command or subcommand", kind::refused},
        {"ERR The user executing the script can't access at least one of the keys", kind::refused},
        {"NOPERM ACL failure in script: User x has no permissions to run 'xadd'", kind::refused},
        {"ERR wrong number of arguments for 'get' command", kind::done},
        {"WRONGTYPE Operation against a key holding the wrong kind of value", kind::done},
        {"BUSYGROUP Consumer Group name already exists", kind::done},
        {"NOSCRIPT No matching script.", kind::done},
        {"", kind::done},
    };
    for (const auto& [words, meaning] : table) EXPECT_EQ(of(words).what, meaning) << words;
}

TEST(Verdict, No_error_is_done) {
    EXPECT_EQ(judge({}, from).what, kind::done);
    EXPECT_EQ(judge({ok(), {reply::kind::text, 0, "MOVED 1 a:1", {}}}, from).what, kind::done);
    const reply inside{reply::kind::array, 0, {}, {error("MOVED 1 a:1")}};
    EXPECT_EQ(judge({inside}, from).what, kind::done) << "only the reply itself counts";
}

TEST(Verdict, The_first_error_decides) {
    const auto v = judge({ok(), error("LOADING x"), error("MOVED 1 a:1")}, from);
    EXPECT_EQ(v.what, kind::wait_out);
    EXPECT_EQ(judge({error("ERR x"), error("LOADING x")}, from).what, kind::done);
}

TEST(Verdict, Redirections_name_slot_and_target) {
    EXPECT_EQ(of("MOVED 3999 127.0.0.1:6381").target, (endpoint{"127.0.0.1", 6381}));
    EXPECT_EQ(of("MOVED 3999 127.0.0.1:6381").at, 3999);
    EXPECT_EQ(of("ASK 0 ::1:6381").target, (endpoint{"::1", 6381}));
    EXPECT_EQ(of("MOVED 1 :6381").target, (endpoint{"10.0.0.9", 6381}));
    EXPECT_EQ(of("MOVED 1 ?:6381").target, (endpoint{"10.0.0.9", 6381}));
    EXPECT_EQ(of("MOVED 1 redis-1.example:6381").target.host, "redis-1.example");
}

TEST(Verdict, Crooked_redirections_are_followed_nowhere) {
    for (const auto* words : {"MOVED", "MOVED 1", "MOVED x a:1", "MOVED 16384 a:1", "MOVED -1 a:1",
                              "MOVED 1 a:0", "MOVED 1 a:65536", "MOVED 1 a:", "ASK 1 a"})
        EXPECT_EQ(of(words).what, kind::done) << words;
}

TEST(Verdict, Knows_when_nothing_was_carried_out) {
    EXPECT_TRUE(of("OOM command not allowed").nothing_done);
    EXPECT_FALSE(judge({ok(), error("OOM command not allowed")}, from).nothing_done);
    EXPECT_FALSE(of("OOM command not allowed. script: cast, on @user_function:12.").nothing_done);
}

TEST(Verdict, Notices_a_demoted_primary) {
    EXPECT_TRUE(of("READONLY You can't write against a read only replica.").demoted);
    EXPECT_FALSE(of("LOADING x").demoted);
}

}  // namespace
