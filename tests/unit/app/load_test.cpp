#include <tallycast/app/unshown_results.hpp>
#include <tallycast/app/waiting_ages.hpp>

#include <gtest/gtest.h>

namespace tallycast::app {
namespace {

using namespace std::chrono_literals;

constexpr base::mono_time start{1h};
constexpr base::wall_time store_time{1h};
const base::poll_id poll{"p"};

TEST(Waiting_ages, Nobody_waits_in_the_beginning) {
    waiting_ages ages;
    EXPECT_EQ(ages.tick(start), 0ns);
    EXPECT_EQ(ages.tick(start + 1s), 0ns);
}

TEST(Waiting_ages, The_oldest_of_those_still_waiting_tells_the_age) {
    waiting_ages ages;
    ages.tick(start);
    const auto first = ages.enter();
    EXPECT_EQ(ages.tick(start + 50ms), 50ms);
    const auto second = ages.enter();
    EXPECT_EQ(ages.tick(start + 100ms), 100ms);
    ages.leave(first);
    EXPECT_EQ(ages.tick(start + 150ms), 100ms);
    ages.leave(second);
    EXPECT_EQ(ages.tick(start + 200ms), 0ns);
}

TEST(Waiting_ages, Whoever_leaves_from_the_middle_changes_nothing) {
    waiting_ages ages;
    ages.tick(start);
    const auto first = ages.enter();
    ages.tick(start + 50ms);
    const auto second = ages.enter();
    ages.tick(start + 100ms);
    const auto third = ages.enter();
    ages.leave(second);
    EXPECT_EQ(ages.tick(start + 150ms), 150ms);
    ages.leave(first);
    EXPECT_EQ(ages.tick(start + 200ms), 100ms);
    ages.leave(third);
    ages.leave(ages.enter());
    EXPECT_EQ(ages.tick(start + 250ms), 0ns);
}

TEST(Unshown_results, A_counted_ballot_waits_for_a_snapshot_of_its_time_or_later) {
    unshown_results unshown;
    unshown.counted(poll, store_time, start);
    unshown.counted(poll, store_time + 5ms, start + 5ms);
    EXPECT_EQ(unshown.oldest(start + 2s), 2s);
    EXPECT_EQ(unshown.shown(poll, store_time + 100ms, start + 3s), 3s);
    EXPECT_EQ(unshown.oldest(start + 9s), 0s);
}

TEST(Unshown_results, A_snapshot_that_overtook_the_answer_holds_the_ballot) {
    unshown_results unshown;
    EXPECT_EQ(unshown.shown(poll, store_time, start), std::nullopt);
    unshown.counted(poll, store_time, start + 1ms);
    EXPECT_EQ(unshown.oldest(start + 9s), 0s);
    unshown.counted(poll, store_time + 1ms, start + 10s);
    EXPECT_EQ(unshown.oldest(start + 11s), 1s);
}

TEST(Unshown_results, A_poll_that_is_gone_waits_for_nothing) {
    unshown_results unshown;
    unshown.counted(poll, store_time, start);
    unshown.forget(poll);
    EXPECT_EQ(unshown.oldest(start + 9s), 0s);
}

}  // namespace
}  // namespace tallycast::app
