#include <redis/sentinel_view.hpp>

#include <gtest/gtest.h>

using namespace tallycast::redis;

namespace {

const endpoint a{"10.0.0.1", 6379};
const endpoint b{"10.0.0.2", 6379};

reply text(std::string t) { return {reply::kind::text, 0, std::move(t), {}}; }
reply array(std::vector<reply> items) { return {reply::kind::array, 0, {}, std::move(items)}; }

TEST(Sentinel_view, A_primary_is_a_host_and_a_port) {
    EXPECT_EQ(read_primary_address(array({text("10.0.0.1"), text("6379")})), a);
    EXPECT_FALSE(read_primary_address({}));
    EXPECT_FALSE(read_primary_address(text("10.0.0.1")));
    EXPECT_FALSE(read_primary_address(array({text("10.0.0.1")})));
    for (const auto* port : {"", "0", "65536", "x", "1x"})
        EXPECT_FALSE(read_primary_address(array({text("10.0.0.1"), text(port)}))) << port;
    EXPECT_FALSE(read_primary_address(array({text(""), text("1")})));
}

TEST(Sentinel_view, A_majority_of_all_names_the_primary) {
    EXPECT_EQ(agreed_on({a, a, b}), a);
    EXPECT_EQ(agreed_on({b, a, a}), a);
    EXPECT_EQ(agreed_on({a, a, {}}), a);
    EXPECT_EQ(agreed_on({a}), a);
}

TEST(Sentinel_view, Without_a_majority_nobody_is) {
    EXPECT_FALSE(agreed_on({}));
    EXPECT_FALSE(agreed_on({a, {}, {}})) << "the silent count as well";
    EXPECT_FALSE(agreed_on({a, b, {}}));
    EXPECT_FALSE(agreed_on({a, a, b, b}));
    EXPECT_FALSE(agreed_on({{}, {}, {}}));
}

TEST(Sentinel_view, A_word_is_read_with_its_configuration) {
    const auto address = array({text("10.0.0.1"), text("6379")});
    const auto state = [](const char* ip, const char* flags) {
        return array({text("name"), text("tally"), text("ip"), text(ip), text("port"), text("6379"),
                      text("flags"), text(flags), text("config-epoch"), text("7")});
    };
    const auto word =
        read_word(address, state("10.0.0.1", "s_down,o_down,master,failover_in_progress"));
    EXPECT_EQ(word.primary, a);
    EXPECT_EQ(word.epoch, 7);
    EXPECT_TRUE(word.replacing);
    EXPECT_FALSE(read_word(address, state("10.0.0.1", "master")).replacing);
    EXPECT_FALSE(read_word(address, state("10.0.0.2", "master,failover_in_progress")).replacing)
        << "has been replaced, by the one that is named";
    const auto not_told = read_word(address, {reply::kind::error, 0, "NOPERM", {}});
    EXPECT_EQ(not_told.primary, a);
    EXPECT_EQ(not_told.epoch, 0);
    EXPECT_FALSE(not_told.replacing);
}

TEST(Sentinel_view, Whoever_replaces_the_primary_makes_it_doubtful) {
    EXPECT_FALSE(is_doubted(a, {{a, 1}, {a, 1}, {a, 1}}));
    EXPECT_TRUE(is_doubted(a, {{a, 1}, {a, 1}, {a, 1, true}})) << "is about to promote another";
    EXPECT_TRUE(is_doubted(a, {{a, 1}, {a, 1}, {b, 2}})) << "has promoted another";
    EXPECT_FALSE(is_doubted(b, {{a, 1}, {b, 2}, {b, 2}})) << "has not heard yet";
    EXPECT_FALSE(is_doubted(a, {{a, 2}, {a, 2}, {b, 1}})) << "was away";
    EXPECT_FALSE(is_doubted(a, {{a, 2}, {}, {}})) << "the silent say nothing";
    EXPECT_FALSE(is_doubted(a, {}));
}

TEST(Sentinel_view, Replicas_that_are_down_are_left_out) {
    const auto one = [](const char* ip, const char* flags) {
        return array({text("name"), text("x"), text("ip"), text(ip), text("port"), text("6379"),
                      text("flags"), text(flags)});
    };
    EXPECT_EQ(
        read_replicas(array({one("10.0.0.1", "slave"), one("10.0.0.9", "s_down,slave"),
                             one("10.0.0.8", "slave,disconnected"), one("10.0.0.2", "slave")})),
        (std::vector<endpoint>{a, b}));
    EXPECT_TRUE(read_replicas({}).empty());
    EXPECT_TRUE(read_replicas(array({text("x"), array({})})).empty());
}

TEST(Sentinel_view, Announcements_are_about_one_name) {
    EXPECT_TRUE(is_about("tally 10.0.0.1 6379 10.0.0.2 6379", "tally"));
    EXPECT_TRUE(is_about("master tally 10.0.0.1 6379", "tally"));
    EXPECT_FALSE(is_about("slave 10.0.0.2:6379 10.0.0.2 6379 @ tally 10.0.0.1 6379", "tally"));
    EXPECT_FALSE(is_about("tally2 10.0.0.1 6379 10.0.0.2 6379", "tally"));
    EXPECT_FALSE(is_about("tally", "tally"));
}

}  // namespace
