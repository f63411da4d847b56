#include <redis/following.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

using namespace tallycast::redis;

namespace {

reply text(std::string t) { return {reply::kind::text, 0, std::move(t), {}}; }
reply list(std::vector<reply> items) { return {reply::kind::array, 0, {}, std::move(items)}; }

// What a primary at this offset says of replicas that have acknowledged so much.
reply role(std::int64_t offset, const std::vector<std::int64_t>& replicas) {
    std::vector<reply> rows;
    for (const auto at : replicas)
        rows.push_back(list({text("127.0.0.1"), text("6379"), text(std::to_string(at))}));
    return list({text("master"), {reply::kind::integer, offset, {}, {}}, list(rows)});
}

TEST(Following, Nobody_before_anything_was_heard) { EXPECT_EQ(following{}.keeping_up(), 0); }

TEST(Following, Whoever_is_attached_keeps_up_until_it_is_waited_for_in_vain) {
    following replicas;
    replicas.heard(role(100, {90, 95}));
    EXPECT_EQ(replicas.keeping_up(), 2);
    replicas.heard(role(200, {90, 199}));
    EXPECT_EQ(replicas.keeping_up(), 2);
    replicas.fell_short();
    EXPECT_EQ(replicas.keeping_up(), 0);
}

TEST(Following, Who_has_caught_up_with_what_it_missed_is_counted_again) {
    following replicas;
    replicas.heard(role(100, {90, 90}));
    replicas.fell_short();
    replicas.heard(role(300, {90, 99}));
    EXPECT_EQ(replicas.keeping_up(), 0);
    replicas.heard(role(400, {90, 100}));
    EXPECT_EQ(replicas.keeping_up(), 1) << "though it is behind by now";
    replicas.heard(role(500, {}));
    EXPECT_EQ(replicas.keeping_up(), 0);
}

TEST(Following, Answers_of_others_than_primaries_say_nothing) {
    following replicas;
    replicas.heard(role(100, {100}));
    replicas.heard(list({text("slave"), text("127.0.0.1"), {}}));
    replicas.heard({reply::kind::error, 0, "NOPERM", {}});
    EXPECT_EQ(replicas.keeping_up(), 1);
    replicas.heard(list({text("master"),
                         {reply::kind::integer, 7, {}, {}},
                         list({list({text("127.0.0.1")}), text("x")})}));
    EXPECT_EQ(replicas.keeping_up(), 2);
}

}  // namespace
