#include <tallycast/load/crowd.hpp>
#include <tallycast/load/plan.hpp>

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace tallycast::load {
namespace {

plan_wishes wishes_of(std::uint32_t voters, double repeat, double change) {
    return {voters, 4, repeat, change, 42};
}

TEST(plan, Every_ballot_is_sent_once_when_nothing_repeats) {
    const auto made = make_plan(wishes_of(500, 0, 0));
    std::set<std::uint32_t> ballots;
    for (const auto& each : made.sendings) ballots.insert(each.ballot);
    EXPECT_EQ(made.sendings.size(), 500u);
    EXPECT_EQ(ballots.size(), 500u);
}

TEST(plan, A_repeat_comes_after_its_ballot_and_about_half_of_them_at_once) {
    const auto made = make_plan(wishes_of(10'000, 0.2, 0));
    std::set<std::uint32_t> seen;
    std::uint32_t repeats = 0;
    std::uint32_t at_once = 0;
    for (std::size_t i = 0; i < made.sendings.size(); ++i) {
        const auto& each = made.sendings[i];
        EXPECT_EQ(seen.contains(each.ballot), each.is_repeat);
        seen.insert(each.ballot);
        if (!each.is_repeat) continue;
        ++repeats;
        at_once += made.sendings[i - 1].ballot == each.ballot ? 1 : 0;
    }
    EXPECT_NEAR(repeats, 2'000, 200);
    EXPECT_NEAR(at_once, 1'000, 150);
}

TEST(plan, A_change_waits_for_the_ballot_it_replaces_and_differs_from_it) {
    const auto made = make_plan(wishes_of(2'000, 0.1, 0.3));
    std::uint32_t changes = 0;
    for (const auto& each : made.sendings) {
        const auto& what = made.book.at(each.ballot);
        EXPECT_EQ(what.is_change, each.after != sending::no_wait);
        if (!what.is_change) continue;
        const auto& replaced = made.book.at(each.after);
        EXPECT_EQ(replaced.voter, what.voter);
        EXPECT_NE(replaced.choice, what.choice);
        changes += each.is_repeat ? 0 : 1;
    }
    EXPECT_NEAR(changes, 600, 90);
}

TEST(plan, One_seed_is_one_plan) {
    const auto one = make_plan(wishes_of(300, 0.5, 0.5));
    const auto two = make_plan(wishes_of(300, 0.5, 0.5));
    ASSERT_EQ(one.sendings.size(), two.sendings.size());
    for (std::size_t i = 0; i < one.sendings.size(); ++i) {
        EXPECT_EQ(one.sendings[i].ballot, two.sendings[i].ballot);
        EXPECT_EQ(one.book.at(one.sendings[i].ballot).choice,
                  two.book.at(two.sendings[i].ballot).choice);
    }
}

TEST(plan, Options_are_not_equally_popular) {
    const auto made = make_plan(wishes_of(10'000, 0, 0));
    std::map<std::uint8_t, int> wanted;
    for (std::uint32_t i = 0; i < made.book.size(); ++i) ++wanted[made.book.at(i).choice];
    EXPECT_EQ(wanted.size(), 4u);
    EXPECT_LT(wanted[0], wanted[1]);
    EXPECT_LT(wanted[1], wanted[2]);
    EXPECT_LT(wanted[2], wanted[3]);
}

TEST(plan, A_crowd_cut_into_parts_has_all_its_voters) {
    std::size_t voters = 0;
    for (const auto& part : make_crowd(wishes_of(1'000, 0, 0), 7))
        voters += part.book.voters.size();
    EXPECT_EQ(voters, 1'000u);
}

}  // namespace
}  // namespace tallycast::load
