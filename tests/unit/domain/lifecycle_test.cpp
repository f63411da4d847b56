#include <tallycast/domain/lifecycle.hpp>

#include <unit/domain/polls.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace tallycast::domain {
namespace {

using namespace std::chrono_literals;
using base::errc;
using base::milliseconds;
using base::wall_time;

constexpr wall_time now{milliseconds{1'767'300'000'000}};
constexpr auto every_step = {transition::open, transition::pause, transition::close,
                             transition::reset, transition::archive};

// A poll as it would be, one step an hour before now after another, in this status.
poll a_poll(poll_status status) {
    poll p;
    p.id = base::poll_id("p");
    p.definition = accepted(a_definition());
    p.status = status;
    p.revision = 7;
    if (status != poll_status::draft) p.opened_at = now - 2h;
    if (status == poll_status::closed || status == poll_status::archived) p.closed_at = now - 1h;
    return p;
}

base::result<poll> moved(const poll& p, transition what, bool has_votes = false) {
    return step(p, what, {.duration = {}, .round_has_votes = has_votes}, now);
}

base::result<poll> opened_for(const poll& p, milliseconds duration) {
    return step(p, transition::open, {.duration = duration, .round_has_votes = false}, now);
}

void expect_same(const poll& a, const poll& b) {
    EXPECT_EQ(a.definition, b.definition);
    EXPECT_EQ(a.status, b.status);
    EXPECT_EQ(a.round, b.round);
    EXPECT_EQ(a.revision, b.revision);
    EXPECT_EQ(a.opened_at, b.opened_at);
    EXPECT_EQ(a.closed_at, b.closed_at);
}

constexpr std::optional<poll_status> refused;

struct row {
    poll_status from;
    std::optional<poll_status> open, pause, close, archive;
};

TEST(Lifecycle, Steps_lead_where_the_contract_says_and_nowhere_else) {
    using enum poll_status;
    const std::vector<row> table{
        {draft, open, refused, refused, refused},        {open, open, paused, closed, refused},
        {paused, open, paused, closed, refused},         {closed, open, refused, closed, archived},
        {archived, refused, refused, refused, archived},
    };
    for (const auto& r : table) {
        const auto before = a_poll(r.from);
        const auto check = [&](transition what, std::optional<poll_status> to, const char* verb) {
            const auto after = moved(before, what);
            ASSERT_EQ(after.has_value(), to.has_value()) << name(r.from) << ' ' << verb;
            if (!after) {
                EXPECT_EQ(after.error().code, errc::invalid_transition);
                return;
            }
            EXPECT_EQ(after->status, *to) << name(r.from) << ' ' << verb;
            if (*to == r.from) expect_same(*after, before);
            else EXPECT_EQ(after->revision, before.revision + 1) << name(r.from) << ' ' << verb;
        };
        check(transition::open, r.open, "open");
        check(transition::pause, r.pause, "pause");
        check(transition::close, r.close, "close");
        check(transition::archive, r.archive, "archive");
    }
}

TEST(Lifecycle, Reset_with_votes_starts_the_next_round_and_keeps_the_status) {
    using enum poll_status;
    for (const auto status : {draft, open, paused, closed}) {
        const auto before = a_poll(status);
        const auto after = moved(before, transition::reset, true);
        ASSERT_TRUE(after) << name(status);
        EXPECT_EQ(after->round, before.round + 1);
        EXPECT_EQ(after->revision, before.revision + 1);
        EXPECT_EQ(after->ballot_revision, after->revision);
        EXPECT_EQ(after->status, status);
    }
}

TEST(Lifecycle, Reset_without_votes_keeps_the_round_but_not_what_is_on_its_way) {
    using enum poll_status;
    for (const auto status : {draft, open, paused, closed}) {
        const auto before = a_poll(status);
        auto after = moved(before, transition::reset).value();
        EXPECT_EQ(std::exchange(after.revision, before.revision), before.revision + 1);
        EXPECT_EQ(after.ballot_revision, before.revision + 1);
        expect_same(after, before);
    }
}

TEST(Lifecycle, Opening_pausing_and_closing_leave_ballots_their_meaning) {
    auto p = a_poll(poll_status::draft);
    for (const auto what : {transition::open, transition::pause, transition::open,
                            transition::close, transition::archive}) {
        p = moved(p, what).value();
        EXPECT_EQ(p.ballot_revision, 1u);
    }
}

TEST(Lifecycle, Archived_poll_is_not_reset) {
    for (const bool has_votes : {false, true}) {
        const auto after = moved(a_poll(poll_status::archived), transition::reset, has_votes);
        ASSERT_FALSE(after);
        EXPECT_EQ(after.error().code, errc::invalid_transition);
    }
}

TEST(Lifecycle, Opening_is_noted_and_so_is_opening_again_but_not_going_on) {
    for (const auto status : {poll_status::draft, poll_status::closed}) {
        const auto after = moved(a_poll(status), transition::open).value();
        EXPECT_EQ(after.opened_at, now);
        EXPECT_EQ(after.closed_at, std::nullopt);
    }
    EXPECT_EQ(moved(a_poll(poll_status::paused), transition::open)->opened_at, now - 2h);
}

TEST(Lifecycle, Closing_is_noted_and_archiving_keeps_it) {
    for (const auto status : {poll_status::open, poll_status::paused})
        EXPECT_EQ(moved(a_poll(status), transition::close)->closed_at, now);
    EXPECT_EQ(moved(a_poll(poll_status::closed), transition::archive)->closed_at, now - 1h);
}

TEST(Lifecycle, Duration_sets_the_end_whenever_a_poll_is_opened) {
    using enum poll_status;
    for (const auto status : {draft, open, paused, closed}) {
        auto before = a_poll(status);
        before.definition.closes_at = now + 10s;
        const auto after = opened_for(before, 90s);
        ASSERT_TRUE(after) << name(status);
        EXPECT_EQ(after->definition.closes_at, now + 90s) << name(status);
        EXPECT_EQ(after->status, open);
        EXPECT_EQ(after->revision, before.revision + 1);
    }
}

TEST(Lifecycle, Duration_is_one_millisecond_to_31_days) {
    const auto draft = a_poll(poll_status::draft);
    EXPECT_TRUE(opened_for(draft, 1ms));
    EXPECT_TRUE(opened_for(draft, std::chrono::days{31}));
    for (const milliseconds wrong :
         {milliseconds{0}, milliseconds{-1}, milliseconds{std::chrono::days{31}} + 1ms,
          milliseconds::max()}) {
        const auto after = opened_for(draft, wrong);
        ASSERT_FALSE(after) << wrong.count();
        EXPECT_EQ(after.error().code, errc::invalid_request);
        EXPECT_EQ(after.error().detail.rfind("duration_ms", 0), 0u) << after.error().detail;
    }
}

TEST(Lifecycle, Opening_clears_an_end_that_has_passed_and_keeps_one_to_come) {
    for (const auto status : {poll_status::draft, poll_status::closed}) {
        auto p = a_poll(status);
        p.definition.closes_at = now;
        EXPECT_EQ(moved(p, transition::open)->definition.closes_at, std::nullopt) << name(status);
        p.definition.closes_at = now + 1ms;
        EXPECT_EQ(moved(p, transition::open)->definition.closes_at, now + 1ms) << name(status);
    }
}

// Closed by hand within the grace after its end and opened again, it must not close at once.
TEST(Lifecycle, Opening_within_the_grace_clears_the_end) {
    auto p = a_poll(poll_status::closed);
    p.definition.grace = 5s;
    p.definition.closes_at = now - 1s;
    const auto after = moved(p, transition::open).value();
    EXPECT_EQ(after.definition.closes_at, std::nullopt);
    EXPECT_EQ(due(after, now + 1h), std::nullopt);
}

// Otherwise it would stand after the end, and no definition may say so.
TEST(Lifecycle, Opening_by_hand_drops_the_planned_opening) {
    auto p = a_poll(poll_status::draft);
    p.definition.opens_at = now + 24h;
    const auto after = opened_for(p, 60s).value();
    EXPECT_EQ(after.opened_at, now);
    EXPECT_EQ(after.definition.opens_at, std::nullopt);
    EXPECT_TRUE(checked(after.definition));
}

TEST(Lifecycle, Overdue_poll_is_closed_before_a_step_is_looked_at) {
    auto p = a_poll(poll_status::open);
    p.definition.closes_at = now - 10s;
    p.definition.grace = 4s;
    EXPECT_EQ(moved(p, transition::pause).error().code, errc::invalid_transition);
    EXPECT_EQ(moved(p, transition::close)->closed_at, now - 6s) << "it closed then, not now";
    EXPECT_EQ(moved(p, transition::archive)->status, poll_status::archived);
    const auto reopened = moved(p, transition::open).value();
    EXPECT_EQ(reopened.status, poll_status::open);
    EXPECT_EQ(reopened.definition.closes_at, std::nullopt);
    EXPECT_EQ(reopened.closed_at, std::nullopt);
    EXPECT_GT(reopened.revision, p.revision);
}

TEST(Lifecycle, Deadline_is_the_end_and_its_grace) {
    auto p = a_poll(poll_status::open);
    EXPECT_EQ(deadline(p), std::nullopt);
    p.definition.closes_at = now;
    p.definition.grace = 250ms;
    EXPECT_EQ(deadline(p), now + 250ms);
}

TEST(Lifecycle, Poll_is_due_to_close_at_its_deadline_exactly) {
    for (const auto status : {poll_status::open, poll_status::paused}) {
        auto p = a_poll(status);
        EXPECT_EQ(next_due(p), std::nullopt);
        p.definition.closes_at = now;
        p.definition.grace = 250ms;
        EXPECT_EQ(next_due(p), now + 250ms);
        EXPECT_FALSE(due(p, now + 249ms));
        const auto after = due(p, now + 400ms);
        ASSERT_TRUE(after);
        EXPECT_TRUE(due(p, now + 250ms));
        EXPECT_EQ(after->status, poll_status::closed);
        EXPECT_EQ(after->closed_at, now + 250ms);
        EXPECT_EQ(after->revision, p.revision + 1);
        EXPECT_FALSE(due(*after, now + 1h)) << "once is enough";
    }
}

TEST(Lifecycle, Draft_is_due_to_open_when_its_time_has_come) {
    auto p = a_poll(poll_status::draft);
    p.definition.opens_at = now;
    EXPECT_EQ(next_due(p), now);
    EXPECT_FALSE(due(p, now - 1ms));
    const auto after = due(p, now + 5s);
    ASSERT_TRUE(after);
    EXPECT_EQ(after->status, poll_status::open);
    EXPECT_EQ(after->opened_at, now);
}

TEST(Lifecycle, Draft_that_slept_through_its_hours_opens_and_closes_at_once) {
    auto p = a_poll(poll_status::draft);
    p.definition.opens_at = now;
    p.definition.closes_at = now + 60s;
    p.definition.grace = 1s;
    EXPECT_EQ(due(p, now + 61s - 1ms)->status, poll_status::open);
    const auto after = due(p, now + 61s).value();
    EXPECT_EQ(after.status, poll_status::closed);
    EXPECT_EQ(after.opened_at, now);
    EXPECT_EQ(after.closed_at, now + 61s);
}

TEST(Lifecycle, Nothing_is_due_without_a_time_or_after_the_end) {
    auto p = a_poll(poll_status::draft);
    p.definition.closes_at = now - 1s;
    EXPECT_EQ(next_due(p), std::nullopt) << "a draft closes nothing";
    for (const auto status : {poll_status::closed, poll_status::archived}) {
        auto over = a_poll(status);
        over.definition.opens_at = now - 2h;
        over.definition.closes_at = now - 1h;
        EXPECT_EQ(next_due(over), std::nullopt);
        EXPECT_EQ(due(over, now), std::nullopt);
    }
}

TEST(Lifecycle, Names_of_steps_are_those_of_the_routes) {
    EXPECT_EQ(transition_of("open"), transition::open);
    EXPECT_EQ(transition_of("pause"), transition::pause);
    EXPECT_EQ(transition_of("close"), transition::close);
    EXPECT_EQ(transition_of("reset"), transition::reset);
    EXPECT_EQ(transition_of("archive"), transition::archive);
    EXPECT_EQ(transition_of("Open"), std::nullopt);
    EXPECT_EQ(transition_of(""), std::nullopt);
}

// Whatever a host does in whatever order at whatever time: what is written down may be read again,
// a running poll is never overdue, and the revision tells a changed poll from the same one.
TEST(Lifecycle, Any_walk_keeps_the_rules) {
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937_64 random(seed);
        const auto up_to = [&](std::uint64_t n) { return milliseconds{random() % (n + 1)}; };
        auto p = a_poll(poll_status::draft);
        auto at = now;
        p.definition.grace = up_to(3000);
        if (random() % 2 == 0) p.definition.opens_at = at + up_to(5000);
        if (random() % 2 == 0) p.definition.closes_at = at + 5001ms + up_to(5000);
        for (int i = 0; i < 25; ++i) {
            at += up_to(2500);
            transition_options options{.duration = {}, .round_has_votes = random() % 2 == 0};
            if (random() % 3 == 0) options.duration = 1ms + up_to(4000);
            const auto what = *(std::begin(every_step) + random() % every_step.size());
            const auto after = step(p, what, options, at);
            if (!after) continue;
            ASSERT_TRUE(checked(after->definition)) << checked(after->definition).error().detail;
            ASSERT_FALSE(due(*after, at)) << "left overdue";
            ASSERT_EQ(after->closed_at.has_value(), after->status == poll_status::closed ||
                                                        after->status == poll_status::archived);
            ASSERT_EQ(after->opened_at.has_value(), after->status != poll_status::draft);
            ASSERT_TRUE(!after->closed_at || *after->opened_at <= *after->closed_at);
            if (after->revision == p.revision) expect_same(*after, p);
            else ASSERT_GT(after->revision, p.revision);
            p = *after;
        }
    }
}

}  // namespace
}  // namespace tallycast::domain
