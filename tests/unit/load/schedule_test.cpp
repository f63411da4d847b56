#include <tallycast/load/schedule.hpp>

#include <gtest/gtest.h>

namespace tallycast::load {
namespace {

TEST(schedule, Steady_questions_fall_due_evenly_and_without_end) {
    const auto even = schedule::steady(200);
    EXPECT_DOUBLE_EQ(even.due(0).count(), 0);
    EXPECT_DOUBLE_EQ(even.due(1).count(), 0.005);
    EXPECT_DOUBLE_EQ(even.due(1000).count(), 5);
    EXPECT_EQ(even.step_of(1000), 0u);
}

TEST(schedule, Steps_follow_each_other) {
    const auto steps = schedule::parse("100:2,400:1.5");
    ASSERT_TRUE(steps.has_value());
    EXPECT_EQ(steps->questions(), 800u);
    EXPECT_DOUBLE_EQ(steps->due(199).count(), 1.99);
    EXPECT_DOUBLE_EQ(steps->due(200).count(), 2);
    EXPECT_DOUBLE_EQ(steps->due(201).count(), 2.0025);
    EXPECT_EQ(steps->step_of(199), 0u);
    EXPECT_EQ(steps->step_of(200), 1u);
    EXPECT_DOUBLE_EQ(steps->due(840).count(), 3.6) << "what is left follows at the last rate";
    EXPECT_EQ(steps->step_of(840), 1u);
}

TEST(schedule, A_rush_is_worst_at_first_and_has_as_many_as_were_asked_for) {
    const auto rush = schedule::burst(1000, std::chrono::seconds(8));
    EXPECT_NEAR(static_cast<double>(rush.questions()), 1000, 1);
    const auto& steps = rush.steps();
    EXPECT_GT(steps.front().from, 3 * 1000 / 8.0);
    EXPECT_LT(steps.back().to, 0.1 * 1000 / 8.0);
    EXPECT_LT(rush.due(500).count(), 2) << "half of them have come";
    EXPECT_GT(rush.due(995).count(), 7);
    for (std::size_t i = 1; i < steps.size(); ++i)
        EXPECT_DOUBLE_EQ(steps[i].from, steps[i - 1].to) << i;
}

// From 100 a second to 300 in 4 s: 800 questions, half of the growth after 2 s and 300 questions.
TEST(schedule, A_ramp_has_the_rate_between_its_ends) {
    for (const auto& [text, middle] : {std::pair{"100-300:4", 300u}, {"300-100:4", 500u}}) {
        const auto ramp = schedule::parse(text);
        ASSERT_TRUE(ramp.has_value());
        EXPECT_EQ(ramp->questions(), 800u);
        EXPECT_NEAR(ramp->due(middle).count(), 2, 1e-9) << text;
        EXPECT_NEAR(ramp->due(800).count(), 4, 1e-9) << text;
    }
    EXPECT_EQ(schedule::parse("100-300:4")->steps()[0].name(), "100-300");
}

TEST(schedule, Parts_of_it_together_are_the_whole) {
    const auto third = schedule::parse("300:1,600-900:2")->share(3);
    EXPECT_EQ(third.questions(), 600u);
    EXPECT_DOUBLE_EQ(third.due(100).count(), 1);
    EXPECT_EQ(third.step_of(100), 1u);
}

TEST(schedule, What_has_another_form_is_no_schedule) {
    for (const char* bad : {"", "100", "100:", ":5", "0:5", "100:0", "100:5,", ",100:5", "-5:1",
                            "100-:5", "100-200-300:5", "1e9:1", "100:1x", "nan:1", "100:inf"})
        EXPECT_FALSE(schedule::parse(bad).has_value()) << bad;
}

}  // namespace
}  // namespace tallycast::load
