#include <redis/back_off.hpp>
#include <redis/call_course.hpp>

#include <gtest/gtest.h>

using namespace tallycast;
using namespace tallycast::redis;
using namespace std::chrono_literals;
using step = call_course::step;

namespace {

const base::mono_time start{1h};

verdict saying(verdict::kind what) {
    verdict v;
    v.what = what;
    v.words = "words";
    v.target = {"target", 1};
    return v;
}

TEST(Call_course, What_is_done_is_finished) {
    call_course course(start + 1s);
    EXPECT_EQ(course.after(saying(verdict::kind::done), start + 2s, 0), step::finish);
}

TEST(Call_course, Moved_goes_by_the_map_and_ask_goes_once_to_its_target) {
    call_course course(start + 1s);
    EXPECT_EQ(course.after(saying(verdict::kind::moved), start, 0), step::send);
    EXPECT_FALSE(course.asking());
    EXPECT_EQ(course.after(saying(verdict::kind::ask), start, 0), step::send);
    EXPECT_TRUE(course.asking());
    EXPECT_EQ(course.target(), (endpoint{"target", 1}));
    EXPECT_EQ(course.after(saying(verdict::kind::moved), start, 0), step::send);
    EXPECT_FALSE(course.asking());
}

TEST(Call_course, Going_in_circles_takes_breath) {
    call_course course(start + 1s);
    int pauses = 0;
    for (int i = 0; i < 50; ++i) {
        const auto next = course.after(saying(verdict::kind::moved), start, 0.5);
        if (next == step::pause) {
            ++pauses;
            EXPECT_GE(course.pause_until(), start + 20ms);
        }
    }
    EXPECT_EQ(pauses, 10);
}

TEST(Call_course, Trying_again_waits_20_to_200_ms_and_ends_after_2_s) {
    call_course course(start + 1min);
    EXPECT_EQ(course.after(saying(verdict::kind::try_again), start, 0), step::pause);
    EXPECT_EQ(course.pause_until(), start + 20ms);
    EXPECT_EQ(course.after(saying(verdict::kind::try_again), start + 1s, 0.999), step::pause);
    EXPECT_GE(course.pause_until(), start + 1s + 198ms);
    EXPECT_LE(course.pause_until(), start + 1s + 200ms);
    EXPECT_EQ(course.after(saying(verdict::kind::try_again), start + 2s, 0), step::give_up);
}

TEST(Call_course, Trying_again_after_asking_begins_at_the_map) {
    call_course course(start + 1min);
    course.after(saying(verdict::kind::ask), start, 0);
    EXPECT_EQ(course.after(saying(verdict::kind::try_again), start, 0), step::pause);
    EXPECT_FALSE(course.asking());
}

TEST(Call_course, What_passes_is_waited_out_every_500_ms_until_the_deadline) {
    call_course course(start + 800ms);
    EXPECT_EQ(course.after(saying(verdict::kind::wait_out), start, 0), step::pause);
    EXPECT_EQ(course.pause_until(), start + 500ms);
    EXPECT_EQ(course.after(saying(verdict::kind::wait_out), start + 500ms, 0), step::pause);
    EXPECT_EQ(course.pause_until(), start + 800ms);
    EXPECT_EQ(course.after(saying(verdict::kind::wait_out), start + 800ms, 0), step::give_up);
    EXPECT_EQ(course.why(), "words");
}

TEST(Call_course, A_missing_library_is_loaded_but_not_for_ever) {
    call_course course(start + 1s);
    for (int i = 0; i < 8; ++i)
        EXPECT_EQ(course.after(saying(verdict::kind::library_missing), start, 0), step::load);
    EXPECT_EQ(course.after(saying(verdict::kind::library_missing), start, 0), step::finish);
}

TEST(Call_course, A_library_missing_where_it_was_sent_by_ask_is_loaded_there) {
    call_course course(start + 1s);
    course.after(saying(verdict::kind::ask), start, 0);
    EXPECT_EQ(course.after(saying(verdict::kind::library_missing), start, 0), step::load);
    EXPECT_TRUE(course.asking());
}

TEST(Call_course, Refused_credentials_end_it) {
    call_course course(start + 1s);
    EXPECT_EQ(course.after(saying(verdict::kind::refused), start, 0), step::give_up);
}

TEST(Call_course, Remembers_what_may_have_happened) {
    call_course course(start + 1s);
    course.after(saying(verdict::kind::wait_out), start, 0);
    EXPECT_FALSE(course.may_have_happened());
    auto half = saying(verdict::kind::wait_out);
    half.nothing_done = false;
    course.after(half, start, 0);
    course.after(saying(verdict::kind::wait_out), start, 0);
    EXPECT_TRUE(course.may_have_happened());
}

TEST(Back_off, Waits_anything_up_to_a_ceiling_that_doubles) {
    back_off attempts(50ms, 1000ms);
    for (const auto ceiling : {50ms, 100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms})
        EXPECT_EQ(attempts.next(0.5), ceiling / 2);
    EXPECT_EQ(attempts.next(0), 0ms);
    EXPECT_LT(attempts.next(0.999), 1000ms);
    attempts.reset();
    EXPECT_EQ(attempts.next(0.5), 25ms);
}

}  // namespace
