#include <tallycast/load/trend.hpp>

#include <gtest/gtest.h>

namespace tallycast::load {
namespace {

std::vector<sample> each_minute(const std::vector<double>& values) {
    std::vector<sample> made;
    for (const double value : values)
        made.push_back({60.0 * static_cast<double>(made.size()), value});
    return made;
}

TEST(trend, A_line_that_rises_is_growth) {
    const auto found = trend_of(each_minute({100, 110, 120, 130, 140, 150}));
    EXPECT_DOUBLE_EQ(found.per_hour, 600);
    EXPECT_NEAR(found.share, 30.0 / 135, 1e-9);
    EXPECT_TRUE(found.is_growing);
}

TEST(trend, What_grows_while_it_warms_up_only_does_not_grow) {
    const auto found = trend_of(each_minute({10, 60, 100, 101, 99, 101, 99, 100, 100}));
    EXPECT_FALSE(found.is_growing);
    EXPECT_NEAR(found.share, 0, 0.02);
}

TEST(trend, What_falls_or_hardly_rises_does_not_grow) {
    EXPECT_FALSE(trend_of(each_minute({100, 100, 100, 90, 80, 70})).is_growing);
    EXPECT_FALSE(trend_of(each_minute({100, 100, 100, 101, 102, 103})).is_growing);
}

TEST(trend, Too_little_has_no_trend) {
    EXPECT_EQ(trend_of({}).per_hour, 0);
    EXPECT_EQ(trend_of(each_minute({1, 2})).per_hour, 0);
    EXPECT_EQ(trend_of(each_minute({0, 0, 0, 0, 0})).share, 0);
}

}  // namespace
}  // namespace tallycast::load
