#include <redis/acknowledged.hpp>

#include <gtest/gtest.h>

#include <chrono>

namespace tallycast::redis {
namespace {

using namespace std::chrono_literals;

const base::mono_time begin{std::chrono::hours(1)};

acknowledged_group a_group(slot at, const std::string& replid, std::int64_t offset) {
    acknowledged_group group;
    group.keys.at = at;
    group.actions = "actions";
    group.replid = replid;
    group.offset = offset;
    return group;
}

primary promoted() { return {"h:1", "new", "old", 100, {{0, 99}, {200, 299}}}; }

TEST(Acknowledged, Only_what_the_histories_share_is_held) {
    EXPECT_TRUE(holds(promoted(), "new", 5000)) << "its own history";
    EXPECT_TRUE(holds(promoted(), "old", 99));
    EXPECT_FALSE(holds(promoted(), "old", 100)) << "from here on they part";
    EXPECT_FALSE(holds(promoted(), "older", 1)) << "two failovers ago: unknown";
    EXPECT_FALSE(holds(promoted(), "", 0)) << "a lone server is never trusted";
}

TEST(Acknowledged, What_is_missing_is_what_it_owns_and_may_not_have_oldest_first) {
    acknowledged ring;
    ring.keep(a_group(7, "old", 99), begin);
    ring.keep(a_group(7, "old", 150), begin);
    ring.keep(a_group(250, "unknown", 1), begin);
    ring.keep(a_group(150, "old", 150), begin);
    const auto missing = ring.missing_at(promoted());
    ASSERT_EQ(missing.size(), 2u);
    EXPECT_EQ(missing[0].offset, 150);
    EXPECT_EQ(missing[0].keys.at, 7u);
    EXPECT_EQ(missing[1].keys.at, 250u);
    for (const auto& group : missing) ring.held(group.serial, "new", 500);
    EXPECT_TRUE(ring.missing_at(promoted()).empty()) << "given once, it is there";
}

TEST(Acknowledged, What_is_forgotten_is_missing_nowhere) {
    acknowledged ring;
    for (int i = 0; i < 3; ++i) ring.keep(a_group(7, "old", 150 + i), begin);
    ring.forget(ring.missing_at(promoted())[1].serial);
    const auto missing = ring.missing_at(promoted());
    ASSERT_EQ(missing.size(), 2u);
    EXPECT_EQ(missing[1].offset, 152) << "the others stay";
    ring.forget(0);  // too old by now
}

TEST(Acknowledged, Is_bounded_in_bytes) {
    acknowledged ring(10s, 4096);
    for (int i = 0; i < 1000; ++i) ring.keep(a_group(1, "a", i), begin);
    EXPECT_LE(ring.bytes(), 4096u);
    EXPECT_GT(ring.dropped(), 0u);
    ring.held(1, "b", 1);  // long gone: nothing happens
    ring.heard_of("a", begin + 11s);
    EXPECT_EQ(ring.size(), 0u);
    EXPECT_EQ(ring.bytes(), 0u);
}

TEST(Acknowledged, Goes_when_its_history_is_heard_of_long_enough_after) {
    acknowledged ring(10s);
    ring.keep(a_group(1, "a", 1), begin);
    ring.keep(a_group(1, "a", 2), begin + 9s);
    ring.heard_of("a", begin + 10s);
    EXPECT_EQ(ring.size(), 2u);
    ring.heard_of("a", begin + 11s);
    EXPECT_EQ(ring.size(), 1u);
    EXPECT_EQ(ring.dropped(), 0u);
}

TEST(Acknowledged, Grows_no_older_while_its_history_is_not_heard_of) {
    acknowledged ring(10s);
    ring.keep(a_group(1, "old", 50), begin);
    ring.keep(a_group(1, "old", 150), begin);
    ring.keep(a_group(250, "other", 1), begin + 60s);  // another shard goes on
    ring.heard_of("other", begin + 61s);
    ASSERT_EQ(ring.size(), 3u);
    const auto missing = ring.missing_at(promoted());  // a minute later somebody has taken over
    ASSERT_EQ(missing.size(), 2u);
    ring.held(missing[0].serial, "new", 500);
    ring.held(missing[1].serial, "new", 500);
    ring.heard_of("new", begin + 61s);
    EXPECT_EQ(ring.size(), 1u) << "what it has, applied again or before, is of its history now";
}

TEST(Acknowledged, Of_a_lone_server_goes_by_time) {
    acknowledged ring(10s);
    ring.keep(a_group(1, "", 0), begin);
    ring.keep(a_group(1, "", 0), begin + 11s);
    EXPECT_EQ(ring.size(), 1u);
}

}  // namespace
}  // namespace tallycast::redis
