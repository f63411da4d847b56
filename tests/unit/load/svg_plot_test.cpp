#include <tallycast/load/svg_plot.hpp>

#include <gtest/gtest.h>

namespace tallycast::load {
namespace {

std::size_t count_of(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
}

TEST(svg_plot, Every_phase_has_its_name_and_those_with_answers_a_line) {
    const auto text = svg_plot("event", {{"join", 0, 2, {90, 110}, 12.5},
                                         {"storm", 2, 1.5, {}, 0},
                                         {"poll 1", 3.5, 6.5, {400, 20}, 3.25}});
    EXPECT_TRUE(text.starts_with("<svg xmlns="));
    EXPECT_TRUE(text.ends_with("</svg>\n"));
    for (const auto* part : {">event: answers", ">join<", ">storm<", ">poll 1<", ">12.5 ms<",
                             ">3.25 ms<", ">10 s<", ">500<"})
        EXPECT_NE(text.find(part), std::string::npos) << part;
    EXPECT_EQ(count_of(text, "class=\"line\""), 2u);
}

// 960 wide with margins of 70 and 20, 360 high with 60 and 40: 10 s and 500 a second are 870 by
// 260.
TEST(svg_plot, A_line_lies_where_its_figures_are) {
    const auto text = svg_plot("votes", {{"votes", 0, 10, {500, 250}, 1}});
    EXPECT_NE(text.find("M70.0 320.0V60.0H157.0V190.0H244.0V320.0\"/>"), std::string::npos) << text;
}

TEST(svg_plot, Nothing_is_a_picture_too) {
    EXPECT_EQ(svg_plot("event", {}).find("nan"), std::string::npos);
}

}  // namespace
}  // namespace tallycast::load
