#include <redis/fence.hpp>
#include <redis/server_role.hpp>

#include <gtest/gtest.h>

using namespace tallycast;
using namespace tallycast::redis;
using namespace std::chrono_literals;

namespace {

reply text(std::string t) { return {reply::kind::text, 0, std::move(t), {}}; }
reply role(std::string word) { return {reply::kind::array, 0, {}, {text(std::move(word)), {}}}; }

TEST(Server_role, Is_the_first_word_of_role) {
    EXPECT_EQ(read_role(role("master")), server_role::primary);
    EXPECT_EQ(read_role(role("slave")), server_role::replica);
    EXPECT_EQ(read_role(role("sentinel")), server_role::sentinel);
    EXPECT_FALSE(read_role(role("duke")));
    EXPECT_FALSE(read_role(text("master")));
    EXPECT_FALSE(read_role({reply::kind::array, 0, {}, {}}));
}

TEST(History, Is_read_from_info_replication) {
    const auto found = read_history(
        text("# Replication\r\nrole:master\r\nmaster_replid:aa11\r\nmaster_replid2:bb22\r\n"
             "master_repl_offset:42\r\nsecond_repl_offset:17\r\nrepl_backlog_size:1048576\r\n"));
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, (history{"aa11", "bb22", 17}));
    EXPECT_EQ(read_history(text("master_replid:a\nmaster_replid2:0\nsecond_repl_offset:-1\n"))
                  ->second_offset,
              -1);
}

TEST(History, Without_a_line_is_none) {
    EXPECT_FALSE(read_history(text("")));
    EXPECT_FALSE(read_history(text("master_replid:a\r\nmaster_replid2:b\r\n")));
    EXPECT_FALSE(
        read_history(text("master_replid:a\r\nmaster_replid2:b\r\nsecond_repl_offset:x\r\n")));
}

TEST(Fence, Is_up_until_a_majority_is_heard_and_3_s_after_the_last) {
    const base::mono_time start{1h};
    fence guard(3000ms);
    EXPECT_TRUE(guard.up(start));
    guard.heard(1, 3, start);
    EXPECT_TRUE(guard.up(start));
    guard.heard(2, 3, start);
    EXPECT_FALSE(guard.up(start));
    guard.heard(1, 3, start + 1s);
    EXPECT_FALSE(guard.up(start + 2999ms));
    EXPECT_TRUE(guard.up(start + 3s)) << "counted from the question, not from the answer";
    guard.heard(3, 3, start + 4s);
    EXPECT_FALSE(guard.up(start + 5s));
}

TEST(Fence, Half_is_no_majority_and_nobody_neither) {
    const base::mono_time start{1h};
    fence guard(3000ms);
    guard.heard(2, 4, start);
    guard.heard(0, 0, start);
    EXPECT_TRUE(guard.up(start));
    guard.heard(3, 4, start);
    EXPECT_FALSE(guard.up(start));
}

TEST(Fence, Of_a_lone_server_is_never_up) { EXPECT_FALSE(fence(0ms).up(base::mono_time{1h})); }

}  // namespace
