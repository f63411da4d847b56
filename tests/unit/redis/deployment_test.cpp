#include <tallycast/redis/deployment.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

using namespace tallycast;
using namespace tallycast::redis;

namespace {

deployment parsed(std::string_view url) {
    auto d = parse_deployment(url);
    EXPECT_TRUE(d) << url << ": " << d.error().detail;
    return d ? *d : deployment{};
}

TEST(Deployment, A_lone_server) {
    const auto d = parsed("redis://127.0.0.1");
    EXPECT_EQ(d.kind, topology_kind::standalone);
    EXPECT_EQ(d.at, (std::vector<endpoint>{{"127.0.0.1", 6379}}));
    EXPECT_FALSE(d.tls);
    EXPECT_TRUE(d.login.password.empty());
    EXPECT_EQ(parsed("rediss://redis.example:6390/0").at.front().port, 6390);
    EXPECT_TRUE(parsed("rediss://redis.example").tls);
}

TEST(Deployment, Hosts_may_be_ipv6) {
    EXPECT_EQ(parsed("redis://[::1]:7000").at.front(), (endpoint{"::1", 7000}));
    EXPECT_EQ(parsed("redis+cluster://[fe80::1],[::2]:1").at,
              (std::vector<endpoint>{{"fe80::1", 6379}, {"::2", 1}}));
    EXPECT_EQ(to_text(endpoint{"::1", 7000}), "[::1]:7000");
    EXPECT_EQ(to_text(endpoint{"host", 1}), "host:1");
}

TEST(Deployment, Credentials_are_percent_decoded) {
    const auto d = parsed("redis://tally%40x:p%3Aw%2Fd%23@h");
    EXPECT_EQ(d.login.user, "tally@x");
    EXPECT_EQ(d.login.password, "p:w/d#");
    EXPECT_EQ(parsed("redis://:only@h").login.password, "only");
    EXPECT_EQ(parsed("redis://u:a@b@h").login.password, "a@b");
}

TEST(Deployment, Sentinels_and_the_name_of_their_primary) {
    const auto d = parsed("redis+sentinel://u:p@a,b:1,c/my%20primary?sentinel_password=s%26x");
    EXPECT_EQ(d.kind, topology_kind::sentinel);
    EXPECT_EQ(d.at, (std::vector<endpoint>{{"a", 26379}, {"b", 1}, {"c", 26379}}));
    EXPECT_EQ(d.primary_name, "my primary");
    EXPECT_EQ(d.sentinel_login.password, "s&x");
    EXPECT_TRUE(parsed("rediss+sentinel://a/p").tls);
}

TEST(Deployment, A_cluster_and_some_of_its_nodes) {
    const auto d = parsed("redis+cluster://a:7000,b:7001,a:7000");
    EXPECT_EQ(d.kind, topology_kind::cluster);
    EXPECT_EQ(d.at.size(), 2u) << "each once";
}

TEST(Deployment, Anything_else_is_refused) {
    for (const auto* url : {"",
                            "redis:",
                            "redis://",
                            "http://h",
                            "redis://h:0",
                            "redis://h:65536",
                            "redis://h:x",
                            "redis://h:",
                            "redis://a,b",
                            "redis://h/1",
                            "redis://h/0/1",
                            "redis://[::1",
                            "redis://[h]",
                            "redis://::1",
                            "redis://h?db=1",
                            "redis://u@h",
                            "redis://u:%zz@h",
                            "redis://u:%2@h",
                            "redis://h#x",
                            "redis+sentinel://a",
                            "redis+sentinel://a/",
                            "redis+sentinel://a/x/y",
                            "redis+sentinel://a/x?foo=1",
                            "redis+sentinel://a/x?sentinel_user=u",
                            "redis+cluster://a/x",
                            "redis+cluster://a,",
                            "redis+cluster://,a",
                            "redis://h h",
                            "redis://h\n",
                            "REDIS://h"})
        EXPECT_FALSE(parse_deployment(url)) << url;
    std::string many = "redis+cluster://h0";
    for (int i = 1; i < 65; ++i) many += ",h" + std::to_string(i);
    EXPECT_FALSE(parse_deployment(many));
}

TEST(Deployment, The_password_is_never_shown) {
    EXPECT_EQ(to_text(parsed("rediss+sentinel://u:secret@a,b:1/p")),
              "rediss+sentinel://a:26379,b:1/p");
    for (const auto* url : {"redis://u:secret@", "redis://u:secret@h:x", "redis://u:secret%@h",
                            "http://u:secret@h", "redis://u:secret@a,b", "redis://u:secret@h/9",
                            "redis://u:sec#ret@h", "redis+sentinel://a/p?sentinel_passwd=secret"}) {
        const auto d = parse_deployment(url);
        ASSERT_FALSE(d) << url;
        EXPECT_EQ(d.error().detail.find("secret"), std::string::npos) << d.error().detail;
        EXPECT_EQ(d.error().detail.find("ret"), std::string::npos) << d.error().detail;
    }
}

}  // namespace
