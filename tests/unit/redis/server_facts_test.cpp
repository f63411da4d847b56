#include <redis/server_facts.hpp>

#include <gtest/gtest.h>

#include <string>

namespace tallycast::redis {
namespace {

reply text(std::string t) { return {.what = reply::kind::text, .text = std::move(t)}; }

replies answers(const std::string& version, const std::string& memory, int replicas,
                std::vector<reply> config = {}) {
    return {text("# Server\r\nredis_version:" + version + "\r\nos:x\r\n"),
            text(memory),
            text("role:master\r\nconnected_slaves:" + std::to_string(replicas) + "\r\n"),
            {.what = reply::kind::array, .items = std::move(config)}};
}

const std::string unlimited = "maxmemory:0\r\nmaxmemory_policy:noeviction\r\n";

TEST(Server_facts, Level_follows_what_the_server_can_keep) {
    EXPECT_EQ(facts_of(answers("7.0.15", unlimited, 0), durability::automatic)->kept_by.replicas,
              0);
    EXPECT_EQ(facts_of(answers("7.0.15", unlimited, 2), durability::automatic)->kept_by.replicas,
              1);
    EXPECT_EQ(facts_of(answers("8.1.0", unlimited, 2), durability::async)->kept_by.replicas, 0);
    EXPECT_EQ(facts_of(answers("7.2.4", unlimited, 1), durability::replicated)->kept_by.replicas,
              1);
    EXPECT_TRUE(
        facts_of(answers("7.0.0", unlimited, 0,
                         {text("appendonly"), text("yes"), text("appendfsync"), text("always")}),
                 durability::fsync));
}

TEST(Server_facts, Settings_are_asked_for_only_where_the_level_rests_on_them) {
    EXPECT_EQ(questions_to_server(durability::fsync).back().name(), "CONFIG");
    EXPECT_EQ(questions_to_server(durability::automatic).back().name(), "INFO");
    auto said = answers("7.0.0", unlimited, 1);
    said.pop_back();
    EXPECT_TRUE(facts_of(said, durability::replicated));
    EXPECT_FALSE(facts_of(said, durability::fsync));
}

TEST(Server_facts, A_server_that_cannot_be_trusted_is_refused_with_what_to_do) {
    const auto refused = [](const replies& said, durability level) {
        const auto facts = facts_of(said, level);
        return facts ? std::string() : facts.error().detail;
    };
    EXPECT_NE(refused(answers("6.2.7", unlimited, 0), durability::async).find("too old"),
              std::string::npos);
    EXPECT_NE(refused(answers("7.0.0", "maxmemory:1000\r\nmaxmemory_policy:allkeys-lru\r\n", 0),
                      durability::async)
                  .find("noeviction"),
              std::string::npos);
    EXPECT_NE(refused(answers("7.0.0", unlimited, 0), durability::replicated).find("replica"),
              std::string::npos);
    EXPECT_NE(
        refused(answers("7.0.0", unlimited, 0,
                        {text("appendonly"), text("yes"), text("appendfsync"), text("everysec")}),
                durability::fsync)
            .find("always"),
        std::string::npos);
    EXPECT_NE(refused(answers("7.0.0", unlimited, 0), durability::fsync), "") << "CONFIG forbidden";
}

}  // namespace
}  // namespace tallycast::redis
