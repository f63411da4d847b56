#include <tallycast/load/histogram.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace tallycast::load {
namespace {

using std::chrono::nanoseconds;

TEST(histogram, An_empty_one_has_no_latencies) {
    const histogram empty;
    EXPECT_EQ(empty.count(), 0u);
    EXPECT_EQ(empty.percentile(0.99).count(), 0);
}

TEST(histogram, Small_values_are_kept_exactly) {
    histogram it;
    for (int i = 1; i <= 100; ++i) it.record(nanoseconds(i));
    EXPECT_EQ(it.percentile(0.5).count(), 50);
    EXPECT_EQ(it.percentile(0.99).count(), 99);
    EXPECT_EQ(it.percentile(1).count(), 100);
    EXPECT_EQ(it.percentile(0).count(), 1);
}

TEST(histogram, Percentiles_are_within_one_percent_of_the_sorted_values) {
    std::mt19937_64 random(7);
    std::lognormal_distribution<double> latencies(13, 2);
    histogram it;
    std::vector<std::int64_t> all;
    for (int i = 0; i < 50'000; ++i) {
        all.push_back(static_cast<std::int64_t>(latencies(random)));
        it.record(nanoseconds(all.back()));
    }
    std::sort(all.begin(), all.end());
    for (const double share : {0.1, 0.5, 0.9, 0.99, 0.999}) {
        const auto rank = static_cast<std::size_t>(share * static_cast<double>(all.size()));
        const auto exact = static_cast<double>(all[rank - 1]);
        const auto shown = static_cast<double>(it.percentile(share).count());
        EXPECT_GE(shown, exact) << share;
        EXPECT_LE(shown, exact * 1.01) << share;
    }
}

TEST(histogram, No_percentile_is_above_the_greatest_value) {
    histogram it;
    it.record(nanoseconds(1'000'003));
    EXPECT_EQ(it.percentile(0.999).count(), 1'000'003);
    EXPECT_EQ(it.max().count(), 1'000'003);
}

TEST(histogram, The_longest_time_there_is_has_a_bucket) {
    histogram it;
    it.record(nanoseconds::max());
    it.record(nanoseconds(-5));
    EXPECT_EQ(it.percentile(1), nanoseconds::max());
    EXPECT_EQ(it.percentile(0.5).count(), 0);
}

TEST(histogram, Merging_is_recording_into_one) {
    histogram one;
    histogram left;
    histogram right;
    for (int i = 0; i < 1'000; ++i) {
        one.record(nanoseconds(i * 977));
        (i % 3 == 0 ? left : right).record(nanoseconds(i * 977));
    }
    left.merge(right);
    EXPECT_EQ(left.count(), one.count());
    for (const double share : {0.01, 0.5, 0.99, 1.0}) {
        EXPECT_EQ(left.percentile(share), one.percentile(share));
    }
}

}  // namespace
}  // namespace tallycast::load
