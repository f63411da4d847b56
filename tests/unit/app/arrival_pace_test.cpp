#include <tallycast/app/arrival_pace.hpp>

#include <gtest/gtest.h>

namespace tallycast::app {
namespace {

using namespace std::chrono_literals;

class Arrival_pace : public testing::Test {
protected:
    void come(int votes, std::chrono::microseconds apart) {
        for (int i = 0; i < votes; ++i) pace.note(now += apart);
    }

    arrival_pace pace{30ms};
    base::mono_time now{1h};
};

TEST_F(Arrival_pace, Is_none_at_first_and_for_a_vote_alone) {
    EXPECT_EQ(pace.in_a_stretch(), 0u);
    come(1, 1us);
    EXPECT_EQ(pace.in_a_stretch(), 0u);
    come(5, 10s);
    EXPECT_EQ(pace.in_a_stretch(), 0u);
}

TEST_F(Arrival_pace, Is_that_of_the_stretch_before) {
    come(400, 100us);
    EXPECT_EQ(pace.in_a_stretch(), 300u);
    come(40, 1ms);
    come(60, 1ms);
    EXPECT_EQ(pace.in_a_stretch(), 30u);
}

TEST_F(Arrival_pace, Is_forgotten_after_a_silence) {
    come(400, 100us);
    come(1, 61ms);
    EXPECT_EQ(pace.in_a_stretch(), 0u);
}

}  // namespace
}  // namespace tallycast::app
