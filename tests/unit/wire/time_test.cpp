#include <tallycast/wire/time.hpp>

#include <gtest/gtest.h>

#include <random>

using namespace tallycast;

namespace {

const base::wall_time evening =
    std::chrono::sys_days(std::chrono::year(2026) / 1 / 1) + std::chrono::hours(20);

TEST(Time, Is_written_in_utc_with_milliseconds) {
    EXPECT_EQ(wire::rfc3339(evening), "2026-01-01T20:00:00.000Z");
    EXPECT_EQ(wire::rfc3339(evening + base::milliseconds{61'007}), "2026-01-01T20:01:01.007Z");
    EXPECT_EQ(wire::rfc3339(base::wall_time{}), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(wire::rfc3339(base::wall_time{base::milliseconds{-1}}), "1969-12-31T23:59:59.999Z");
}

TEST(Time, Outside_four_digit_years_becomes_the_nearest_inside) {
    EXPECT_EQ(wire::rfc3339(base::wall_time::max()), "9999-12-31T23:59:59.999Z");
    EXPECT_EQ(wire::rfc3339(base::wall_time::min()), "0000-01-01T00:00:00.000Z");
}

TEST(Time, What_is_written_reads_as_the_same) {
    std::mt19937_64 random{7};
    std::uniform_int_distribution<std::int64_t> any{-60'000'000'000'000, 250'000'000'000'000};
    for (int i = 0; i < 20'000; ++i) {
        const base::wall_time t{base::milliseconds{any(random)}};
        ASSERT_EQ(wire::parse_rfc3339(wire::rfc3339(t)), t) << wire::rfc3339(t);
    }
}

TEST(Time, Every_spelling_of_one_instant_is_that_instant) {
    for (const auto* text :
         {"2026-01-01T20:00:00Z", "2026-01-01t20:00:00z", "2026-01-01T20:00:00.0Z",
          "2026-01-01T20:00:00.000000000Z", "2026-01-01T21:30:00+01:30",
          "2026-01-01T14:15:00-05:45", "2026-01-02T00:00:00+04:00", "2026-01-01T19:59:60Z",
          "2026-01-01T20:00:00.000999999+00:00", "2026-01-01T20:00:00-00:00"})
        EXPECT_EQ(wire::parse_rfc3339(text), evening) << text;
    EXPECT_EQ(wire::parse_rfc3339("2026-01-01T20:00:00.25Z"), evening + base::milliseconds{250});
    EXPECT_EQ(wire::parse_rfc3339("2026-01-01T20:00:00.1239Z"), evening + base::milliseconds{123});
    EXPECT_TRUE(wire::parse_rfc3339("2024-02-29T00:00:00Z"));
}

TEST(Time, Anything_else_is_refused) {
    for (const auto* text : {"",
                             "now",
                             "2026-01-01",
                             "2026-01-01T20:00:00",
                             "2026-01-01 20:00:00Z",
                             "2026-1-1T20:00:00Z",
                             "2026-01-01T20:00Z",
                             "2026-13-01T20:00:00Z",
                             "2026-00-01T20:00:00Z",
                             "2026-02-29T20:00:00Z",
                             "2026-01-32T20:00:00Z",
                             "2026-01-01T24:00:00Z",
                             "2026-01-01T20:60:00Z",
                             "2026-01-01T20:00:61Z",
                             "2026-01-01T20:00:00.Z",
                             "2026-01-01T20:00:00.1234567890Z",
                             "2026-01-01T20:00:00,5Z",
                             "2026-01-01T20:00:00+24:00",
                             "2026-01-01T20:00:00+01:60",
                             "2026-01-01T20:00:00+0100",
                             "2026-01-01T20:00:00Z ",
                             " 2026-01-01T20:00:00Z",
                             "+2026-01-01T20:00:00Z",
                             "2026-01-01T20:00:00Zx",
                             "2026-01-01T-1:00:00Z",
                             "99999-01-01T20:00:00Z"})
        EXPECT_FALSE(wire::parse_rfc3339(text)) << text;
}

}  // namespace
