#include <tallycast/domain/token_bucket.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace tallycast::domain {
namespace {

using namespace std::chrono_literals;
using base::mono_time;
using std::chrono::nanoseconds;

const mono_time start{1h};

TEST(Token_bucket, Rate_is_kept_as_the_time_between_two_requests) {
    EXPECT_EQ(bucket_rate::of(10, 5).interval, 100ms);
    EXPECT_EQ(bucket_rate::of(0.01, 5).interval, 100s);
    EXPECT_EQ(bucket_rate::of(10, 5).burst, 5u);
}

TEST(Token_bucket, Full_bucket_allows_its_burst_and_then_one_an_interval) {
    const auto rate = bucket_rate::of(10, 3);
    token_bucket bucket;
    for (std::uint32_t left : {2u, 1u, 0u}) {
        const auto answer = take(bucket, rate, start);
        EXPECT_TRUE(answer.allowed);
        EXPECT_EQ(answer.remaining, left);
        EXPECT_EQ(answer.retry_after, 0ns);
        EXPECT_EQ(answer.full_after, (3 - left) * 100ms);
    }
    const auto refused = take(bucket, rate, start + 30ms);
    EXPECT_FALSE(refused.allowed);
    EXPECT_EQ(refused.remaining, 0u);
    EXPECT_EQ(refused.retry_after, 70ms);
    EXPECT_EQ(refused.full_after, 270ms);
    EXPECT_FALSE(take(bucket, rate, start + 100ms - 1ns).allowed);
    EXPECT_TRUE(take(bucket, rate, start + 100ms).allowed);
    EXPECT_FALSE(take(bucket, rate, start + 100ms).allowed);
}

TEST(Token_bucket, Refused_requests_cost_nothing) {
    const auto rate = bucket_rate::of(10, 1);
    token_bucket bucket;
    EXPECT_TRUE(take(bucket, rate, start).allowed);
    for (int i = 0; i < 1000; ++i) EXPECT_FALSE(take(bucket, rate, start + 50ms).allowed);
    EXPECT_TRUE(take(bucket, rate, start + 100ms).allowed);
}

TEST(Token_bucket, Rest_refills_it_to_the_brim_and_not_beyond) {
    const auto rate = bucket_rate::of(10, 3);
    token_bucket bucket;
    for (int i = 0; i < 3; ++i) take(bucket, rate, start);
    int passed = 0;
    for (int i = 0; i < 10; ++i) passed += take(bucket, rate, start + 24h).allowed ? 1 : 0;
    EXPECT_EQ(passed, 3);
}

TEST(Token_bucket, Clock_that_steps_back_gains_nothing) {
    const auto rate = bucket_rate::of(10, 2);
    token_bucket bucket;
    take(bucket, rate, start);
    take(bucket, rate, start);
    const auto earlier = take(bucket, rate, start - 10s);
    EXPECT_FALSE(earlier.allowed);
    EXPECT_GT(earlier.retry_after, 0ns);
    EXPECT_EQ(earlier.remaining, 0u);
    EXPECT_FALSE(take(bucket, rate, start).allowed);
    EXPECT_TRUE(take(bucket, rate, start + 100ms).allowed);
}

// The slowest rate with the largest bursts that can be configured: the product is past 64 bits of
// nanoseconds.
TEST(Token_bucket, Longest_bucket_there_may_be_does_not_overflow) {
    for (const std::uint32_t burst : {100'000'000u, 1'000'000'000u}) {
        const auto rate = bucket_rate::of(0.01, burst);
        EXPECT_EQ(rate.interval, 100s);
        token_bucket bucket;
        for (int i = 0; i < 1000; ++i) {
            const auto answer = take(bucket, rate, start);
            ASSERT_TRUE(answer.allowed) << burst << ", " << i;
            ASSERT_GT(answer.remaining, 10'000'000u);
            ASSERT_GT(answer.full_after, 0ns);
        }
    }
}

// The textbook's bucket: a level in exact fractions of a token (one token is `interval` parts),
// filled by time.
class naive_bucket {
public:
    explicit naive_bucket(const bucket_rate& rate)
        : part_(rate.interval.count()), brim_(part_ * rate.burst), level_(brim_) {}

    bool take(mono_time now) {
        level_ = std::min(brim_, level_ + (now - last_).count());
        last_ = now;
        if (level_ < part_) return false;
        level_ -= part_;
        return true;
    }

    nanoseconds until_next() const { return nanoseconds{part_ - level_}; }
    std::uint32_t whole() const { return static_cast<std::uint32_t>(level_ / part_); }
    nanoseconds until_full() const { return nanoseconds{brim_ - level_}; }

private:
    std::int64_t part_, brim_, level_;
    mono_time last_ = start;
};

struct traffic {
    bucket_rate rate;
    std::vector<mono_time> arrivals;
};

// Bursts, trickles and pauses around what the rate allows.
traffic random_traffic(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    traffic t{
        {nanoseconds{1 + random() % 5'000'000}, static_cast<std::uint32_t>(1 + random() % 20)}, {}};
    auto now = start;
    const auto interval = static_cast<std::uint64_t>(t.rate.interval.count());
    for (int i = 0; i < 1500; ++i) {
        const auto mood = random() % 10;
        if (mood < 5) now += nanoseconds{random() % interval};
        else if (mood < 8) now += nanoseconds{random() % (2 * interval)};
        else if (mood == 8) now += nanoseconds{random() % (interval * (t.rate.burst + 2))};
        t.arrivals.push_back(now);
    }
    return t;
}

TEST(Token_bucket, Decides_as_a_bucket_of_fractions_would) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const auto t = random_traffic(seed);
        token_bucket bucket;
        naive_bucket naive(t.rate);
        for (const auto now : t.arrivals) {
            const auto answer = take(bucket, t.rate, now);
            ASSERT_EQ(answer.allowed, naive.take(now));
            ASSERT_EQ(answer.remaining, naive.whole());
            ASSERT_EQ(answer.full_after, naive.until_full());
            ASSERT_EQ(answer.retry_after, answer.allowed ? 0ns : naive.until_next());
        }
    }
}

TEST(Token_bucket, No_window_sees_more_than_the_burst_and_the_rate) {
    for (std::uint64_t seed = 101; seed <= 130; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const auto t = random_traffic(seed);
        token_bucket bucket;
        std::vector<mono_time> passed;
        for (const auto now : t.arrivals)
            if (take(bucket, t.rate, now).allowed) passed.push_back(now);
        for (std::size_t first = 0; first < passed.size(); ++first)
            for (std::size_t last = first; last < passed.size(); ++last) {
                const auto most = t.rate.burst + (passed[last] - passed[first]) / t.rate.interval;
                ASSERT_LE(static_cast<std::int64_t>(last - first + 1), most);
            }
        ASSERT_GT(passed.size(), t.rate.burst) << "the traffic must reach the limit";
        ASSERT_LT(passed.size(), t.arrivals.size()) << "and go past it";
    }
}

TEST(Token_bucket, Who_waits_as_long_as_told_is_let_in) {
    const bucket_rate rate{7ms, 4};
    token_bucket bucket;
    std::mt19937_64 random(5);
    auto now = start;
    int waited = 0;
    for (int i = 0; i < 5000; ++i) {
        now += nanoseconds{random() % 5'000'000};
        const auto answer = take(bucket, rate, now);
        if (answer.allowed) continue;
        ASSERT_GT(answer.retry_after, 0ns);
        now += answer.retry_after;
        ASSERT_TRUE(take(bucket, rate, now).allowed);
        ++waited;
    }
    EXPECT_GT(waited, 100);
}

}  // namespace
}  // namespace tallycast::domain
