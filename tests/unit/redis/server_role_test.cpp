#include <redis/server_role.hpp>

#include <gtest/gtest.h>

using namespace tallycast;
using namespace tallycast::redis;

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

}  // namespace
