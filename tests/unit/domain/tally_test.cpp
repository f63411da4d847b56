#include <tallycast/domain/tally.hpp>

#include <unit/domain/polls.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace tallycast::domain {
namespace {

using counts = std::vector<std::uint64_t>;

tally of(const poll_definition& d, const std::vector<std::uint64_t>& ballots) {
    tally count(d);
    for (const auto bits : ballots) count.add(d, {bits});
    return count;
}

TEST(Tally, Single_choice_counts_one_mark_a_ballot) {
    const auto d = accepted(a_definition(poll_type::single, 64));
    const auto count = of(d, {1, 64, 64});
    EXPECT_EQ(count.voters(), 3u);
    EXPECT_EQ(count.votes(), 3u);
    EXPECT_EQ(count.per_option().front(), 1u);
    EXPECT_EQ(count.per_option().back(), 2u);
    EXPECT_EQ(count.ratings(), counts{});
    EXPECT_EQ(count.ranks(), counts{});
}

TEST(Tally, Multiple_choice_counts_every_mark) {
    const auto count = of(accepted(a_definition(poll_type::multiple, 3)), {0b101, 0b111, 0b100});
    EXPECT_EQ(count.voters(), 3u);
    EXPECT_EQ(count.votes(), 6u);
    EXPECT_EQ(count.per_option(), (counts{2, 1, 3}));
}

TEST(Tally, Count_kept_elsewhere_is_the_same_count) {
    for (const auto type : {poll_type::single, poll_type::multiple}) {
        const auto d = accepted(a_definition(type, 3));
        const auto counted = of(d, {1, 2, 2});
        EXPECT_EQ(tally(d, counted.voters(), counted.per_option()), counted);
    }
    const auto rated = rated_to(4);
    EXPECT_EQ(tally(rated, 2, counts{0, 0, 1, 1}), of(rated, {3, 4}));
    const auto ranked = accepted(a_definition(poll_type::ranking, 3));
    const auto orders = of(ranked, {0x321, 0x12});
    EXPECT_EQ(tally(ranked, 2, orders.ranks()), orders);
    EXPECT_EQ(tally(ranked, 0, counts{}), tally(ranked)) << "what is missing is 0";
}

TEST(Tally, Rating_counts_each_step_and_has_a_mean) {
    const auto count = of(rated_to(4), {4, 4, 1, 3});
    EXPECT_EQ(count.ratings(), (counts{1, 0, 1, 2}));
    EXPECT_EQ(count.per_option(), counts{});
    EXPECT_EQ(count.votes(), 4u);
    EXPECT_DOUBLE_EQ(average_rating(count), 3.0);
}

TEST(Tally, Mean_of_nothing_is_zero) { EXPECT_EQ(average_rating(tally(rated_to(5))), 0.0); }

TEST(Tally, Ranking_counts_ranks_and_gives_points) {
    const auto d = accepted(a_definition(poll_type::ranking, 3));
    // c before a; a before b before c; a alone.
    const auto count = of(d, {0x13, 0x321, 0x1});
    EXPECT_EQ(count.voters(), 3u);
    EXPECT_EQ(count.votes(), 6u);
    EXPECT_EQ(count.per_option(), (counts{3, 1, 2}));
    EXPECT_EQ(count.ranks(), (counts{2, 1, 0, 0, 1, 0, 1, 0, 1}));
    // Rank r of 3 options gives 3 − r.
    EXPECT_EQ(borda_points(d, count), (counts{2 + 2 + 1, 1, 2 + 0}));
}

TEST(Tally, Points_of_a_short_ranking_still_count_from_all_options) {
    const auto d = choosing(poll_type::ranking, 5, 1, 2);
    const auto count = of(d, {0x21});
    EXPECT_EQ(count.ranks().size(), 5u * 2);
    EXPECT_EQ(borda_points(d, count), (counts{4, 3, 0, 0, 0}));
}

TEST(Tally, Taking_a_ballot_away_is_the_inverse_of_adding_it) {
    const std::vector<poll_definition> polls{accepted(a_definition(poll_type::single, 4)),
                                             accepted(a_definition(poll_type::multiple, 4)),
                                             rated_to(5),
                                             accepted(a_definition(poll_type::ranking, 4))};
    for (const auto& d : polls) {
        tally count(d);
        count.add(d, {1});
        const auto before = count;
        for (const std::uint64_t bits : {1, 2, 3, 4}) count.add(d, {bits});
        EXPECT_NE(count, before);
        for (const std::uint64_t bits : {3, 1, 4, 2}) count.remove(d, {bits});
        EXPECT_EQ(count, before) << name(d.type);
        count.remove(d, {1});
        EXPECT_EQ(count, tally(d)) << name(d.type);
    }
}

}  // namespace
}  // namespace tallycast::domain
