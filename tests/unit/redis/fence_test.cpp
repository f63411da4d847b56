#include <redis/fence.hpp>

#include <gtest/gtest.h>

namespace tallycast::redis {

namespace {

using namespace std::chrono_literals;

constexpr base::mono_time t0{1h};

TEST(Fence, Is_up_until_a_majority_is_heard_and_3_s_after_the_last) {
    fence guard(3000ms);
    EXPECT_TRUE(guard.up(t0));
    guard.heard(1, 3, t0);
    EXPECT_TRUE(guard.up(t0));
    guard.heard(2, 3, t0);
    EXPECT_FALSE(guard.up(t0));
    guard.heard(1, 3, t0 + 1s);
    EXPECT_FALSE(guard.up(t0 + 2999ms));
    EXPECT_TRUE(guard.up(t0 + 3s)) << "counted from the question, not from the answer";
    guard.heard(3, 3, t0 + 4s);
    EXPECT_FALSE(guard.up(t0 + 5s));
}

TEST(Fence, Half_is_no_majority_and_nobody_neither) {
    fence guard(3000ms);
    guard.heard(2, 4, t0);
    guard.heard(0, 0, t0);
    EXPECT_TRUE(guard.up(t0));
    guard.heard(3, 4, t0);
    EXPECT_FALSE(guard.up(t0));
}

TEST(Fence, Of_a_lone_server_is_never_up) { EXPECT_FALSE(fence(0ms).up(base::mono_time{1h})); }

TEST(Fence, Is_up_while_the_primary_is_in_doubt) {
    fence guard(3s);
    guard.heard(3, 3, t0);
    guard.doubt(t0 + 1s);
    EXPECT_TRUE(guard.up(t0 + 1s));
    EXPECT_TRUE(guard.in_doubt());
    EXPECT_FALSE(guard.without_majority(t0 + 1s));
    guard.trust(t0 + 1s);
    EXPECT_TRUE(guard.up(t0 + 1s)) << "was asked before the doubt, or with it";
    guard.trust(t0 + 2s);
    EXPECT_FALSE(guard.up(t0 + 2s));
}

TEST(Fence, An_older_doubt_does_not_shorten_a_newer_one) {
    fence guard(3s);
    guard.heard(3, 3, t0);
    guard.doubt(t0 + 2s);
    guard.doubt(t0 + 1s);
    guard.trust(t0 + 2s);
    EXPECT_TRUE(guard.in_doubt());
}

}  // namespace

}  // namespace tallycast::redis
