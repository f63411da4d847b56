#include <tallycast/load/compare.hpp>

#include <gtest/gtest.h>

#include <sstream>

namespace tallycast::load {
namespace {

TEST(compare, Numbers_at_the_same_place_are_compared_and_nothing_else) {
    const auto before = nlohmann::json::parse(
        R"({"a":{"p99":2,"old":1},"list":[{"n":1},{"n":2}],"text":"x","flag":true,"mixed":1})");
    const auto now = nlohmann::json::parse(
        R"({"a":{"p99":3.5,"new":1},"list":[{"n":4}],"text":"y","flag":false,"mixed":"1"})");
    const auto found = compare(before, now);
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].name, "a.p99");
    EXPECT_EQ(found[0].before, 2);
    EXPECT_EQ(found[0].now, 3.5);
    EXPECT_EQ(found[1].name, "list.0.n");
}

TEST(compare, A_ratio_is_shown_where_there_is_one) {
    std::ostringstream out;
    print_comparison(out, {{"p99", 2, 3}, {"refused", 0, 3}});
    EXPECT_NE(out.str().find("1.500"), std::string::npos);
    EXPECT_EQ(out.str().find("inf"), std::string::npos);
}

TEST(compare, A_file_without_a_report_is_named) {
    testing::internal::CaptureStderr();
    EXPECT_FALSE(read_report("/nowhere/report.json").has_value());
    EXPECT_NE(testing::internal::GetCapturedStderr().find("/nowhere/report.json"),
              std::string::npos);
}

}  // namespace
}  // namespace tallycast::load
