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

TEST(Acknowledged, Is_bounded_in_time_and_in_bytes) {
    acknowledged ring(10s, 4096);
    ring.keep(a_group(1, "a", 1), begin);
    ring.keep(a_group(1, "a", 2), begin + 9s);
    ring.drop_old(begin + 11s);
    EXPECT_EQ(ring.size(), 1u);
    EXPECT_EQ(ring.dropped(), 0u);
    for (int i = 0; i < 1000; ++i) ring.keep(a_group(1, "a", i), begin + 12s);
    EXPECT_LE(ring.bytes(), 4096u);
    EXPECT_GT(ring.dropped(), 0u);
    ring.held(1, "b", 1);  // long gone: nothing happens
    ring.drop_old(begin + 1h);
    EXPECT_EQ(ring.size(), 0u);
    EXPECT_EQ(ring.bytes(), 0u);
}

}  // namespace
}  // namespace tallycast::redis
