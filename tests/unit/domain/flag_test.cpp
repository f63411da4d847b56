#include <tallycast/domain/flag.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <set>

namespace tallycast::domain {
namespace {

constexpr flag_id id_of(std::size_t i) { return static_cast<flag_id>(i); }

TEST(Flag, Has_a_name_of_its_own_and_a_value_that_it_takes) {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < flag_kinds; ++i) {
        const auto& kind = kind_of(id_of(i));
        EXPECT_TRUE(names.insert(kind.name).second);
        EXPECT_EQ(flag_named(kind.name), id_of(i));
        EXPECT_TRUE(check_flag(id_of(i), kind.fallback)) << kind.name;
    }
    EXPECT_FALSE(flag_named("none"));
    EXPECT_FALSE(flag_named(""));
}

TEST(Flag, Comes_back_from_its_text) {
    const std::pair<flag_id, flag_value> values[]{
        {flag_id::joins, true},
        {flag_id::joins, false},
        {flag_id::results_rate, 0.1},
        {flag_id::trace_share, 0.000125},
        {flag_id::maintenance_notice, std::string("true")},
        {flag_id::maintenance_notice, std::string()},
    };
    for (const auto& [which, value] : values)
        EXPECT_EQ(flag_value_in(which, text_of(value)), value) << text_of(value);
}

TEST(Flag, Refuses_values_of_another_kind_or_out_of_bounds_in_a_sentence) {
    const std::pair<flag_id, flag_value> wrong[]{
        {flag_id::joins, 1.0},
        {flag_id::sse, std::string("true")},
        {flag_id::results_rate, true},
        {flag_id::results_rate, 0.09},
        {flag_id::results_rate, 20.1},
        {flag_id::results_rate, std::numeric_limits<double>::quiet_NaN()},
        {flag_id::trace_share, -0.1},
        {flag_id::maintenance_notice, 5.0},
        {flag_id::maintenance_notice, std::string(501, 'x')},
    };
    for (const auto& [which, value] : wrong) {
        const auto answer = check_flag(which, value);
        ASSERT_FALSE(answer) << text_of(value);
        EXPECT_EQ(answer.error().code, base::errc::invalid_request);
        EXPECT_NE(answer.error().detail.find(kind_of(which).name), std::string::npos);
    }
}

TEST(Flag, Is_not_read_from_what_is_none) {
    EXPECT_FALSE(flag_value_in(flag_id::joins, "yes"));
    EXPECT_FALSE(flag_value_in(flag_id::results_rate, "2x"));
    EXPECT_FALSE(flag_value_in(flag_id::results_rate, ""));
    EXPECT_FALSE(flag_value_in(flag_id::results_rate, "inf"));
    EXPECT_FALSE(flag_value_in(flag_id::trace_share, "2"));
}

}  // namespace
}  // namespace tallycast::domain
