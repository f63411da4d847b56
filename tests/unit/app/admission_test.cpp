#include <tallycast/app/admission.hpp>
#include <tallycast/app/core.hpp>

#include <gtest/gtest.h>

namespace tallycast::app {
namespace {

using namespace std::chrono_literals;

TEST(Admission, An_idle_core_admits_all) {
    const admission core;
    for (const auto kind : {work::vote, work::join, work::results, work::host, work::export_})
        EXPECT_TRUE(core.admits(kind));
}

TEST(Admission, As_pressure_rises_votes_are_refused_last) {
    admission core;
    int refused_before = 0;
    for (std::size_t waiting = 0; waiting <= 100; ++waiting) {
        core.note_queue(waiting, 100);
        int refused = 0;
        for (const auto kind : {work::export_, work::host, work::results, work::join, work::vote})
            refused += !core.admits(kind);
        EXPECT_GE(refused, refused_before);
        EXPECT_EQ(core.admits(work::vote), waiting < 100) << waiting;
        if (!core.admits(work::join)) {
            EXPECT_FALSE(core.admits(work::results));
        }
        if (!core.admits(work::results)) {
            EXPECT_FALSE(core.admits(work::export_));
        }
        refused_before = refused;
    }
    EXPECT_EQ(refused_before, 5);
}

TEST(Admission, What_is_refused_is_counted_by_its_class) {
    EXPECT_EQ(shed_count_of(work::vote), ports::count::shed_votes);
    EXPECT_EQ(shed_count_of(work::join), ports::count::shed_joins);
    EXPECT_EQ(shed_count_of(work::results), ports::count::shed_results);
    EXPECT_EQ(shed_count_of(work::host), ports::count::shed_host);
    EXPECT_EQ(shed_count_of(work::export_), ports::count::shed_exports);
}

TEST(Admission, A_late_loop_presses_at_once_and_is_forgotten_in_a_few_ticks) {
    admission core;
    core.note_loop_delay(2s);
    EXPECT_FALSE(core.admits(work::vote));
    EXPECT_GT(core.retry_after(), 1000ms);
    for (int tick = 0; tick < 20; ++tick) core.note_loop_delay(0ms);
    EXPECT_TRUE(core.admits(work::export_));
    EXPECT_GT(core.retry_after(), 0ms);
}

}  // namespace
}  // namespace tallycast::app
