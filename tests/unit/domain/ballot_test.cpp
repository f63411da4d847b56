#include <tallycast/domain/ballot.hpp>

#include <unit/domain/polls.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace tallycast::domain {
namespace {

using words = std::vector<std::string_view>;

base::result<ballot> choosing_of(const poll_definition& d, const words& choices) {
    return ballot_from(d, {.choices = choices, .has_choices = true, .rating = {}});
}

base::result<ballot> rating_of(const poll_definition& d, std::int64_t rating) {
    return ballot_from(d, {.choices = {}, .has_choices = false, .rating = rating});
}

struct reading {
    std::string name;
    poll_definition definition;
    words choices;
    std::uint64_t bits;  // 0: refused
};

TEST(Ballot, Choices_become_the_word_of_their_type) {
    const auto single = accepted(a_definition(poll_type::single, 64));
    const auto two_or_three = choosing(poll_type::multiple, 64, 2, 3);
    const auto ranks = choosing(poll_type::ranking, 12, 2, 12);
    const std::vector<reading> cases{
        {"first option", single, {"a"}, 1},
        {"last option", single, {"l2"}, 64},
        {"none", single, {}, 0},
        {"two for one", single, {"a", "b"}, 0},
        {"unknown", single, {"zz"}, 0},
        {"empty id", single, {""}, 0},
        {"id in capitals", single, {"A"}, 0},
        {"two marks", two_or_three, {"a", "c"}, 0b101},
        {"marks in any order", two_or_three, {"c", "a"}, 0b101},
        {"mark of the highest bit", two_or_three, {"l2", "a"}, (std::uint64_t{1} << 63) | 1},
        {"too few marks", two_or_three, {"a"}, 0},
        {"too many marks", two_or_three, {"a", "b", "c", "d"}, 0},
        {"mark repeated", two_or_three, {"a", "b", "a"}, 0},
        {"unknown among known", two_or_three, {"a", "?"}, 0},
        {"ranks", ranks, {"c", "a"}, 0x13},
        {"ranks the other way round", ranks, {"a", "c"}, 0x31},
        {"every rank",
         ranks,
         {"l", "k", "j", "i", "h", "g", "f", "e", "d", "c", "b", "a"},
         0x123456789abc},
        {"too few ranks", ranks, {"a"}, 0},
        {"rank repeated", ranks, {"a", "b", "a"}, 0},
        {"more ranks than options",
         ranks,
         {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "a"},
         0},
    };
    for (const auto& c : cases) {
        const auto vote = choosing_of(c.definition, c.choices);
        EXPECT_EQ(vote.has_value(), c.bits != 0) << c.name;
        if (vote) EXPECT_EQ(vote->bits, c.bits) << c.name;
        else EXPECT_EQ(vote.error().code, base::errc::invalid_ballot) << c.name;
    }
}

TEST(Ballot, Rating_must_be_on_the_scale) {
    const auto d = rated_to(7);
    for (std::int64_t rating = 1; rating <= 7; ++rating)
        EXPECT_EQ(rating_of(d, rating).value().bits, static_cast<std::uint64_t>(rating));
    for (const std::int64_t rating :
         {std::int64_t{0}, std::int64_t{-1}, std::int64_t{8}, std::int64_t{257},
          std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
        ASSERT_FALSE(rating_of(d, rating)) << rating;
        EXPECT_EQ(rating_of(d, rating).error().code, base::errc::invalid_ballot);
    }
}

TEST(Ballot, Form_of_another_type_is_refused) {
    const auto d = accepted(a_definition());
    const words a{"a"};
    EXPECT_FALSE(rating_of(d, 1));
    EXPECT_FALSE(ballot_from(d, {.choices = a, .has_choices = true, .rating = 1}));
    EXPECT_FALSE(ballot_from(d, {}));
    const auto r = rated_to(5);
    EXPECT_FALSE(choosing_of(r, a));
    EXPECT_FALSE(choosing_of(r, {}));
    EXPECT_FALSE(ballot_from(r, {.choices = {}, .has_choices = true, .rating = 3}));
    EXPECT_FALSE(ballot_from(r, {}));
}

TEST(Ballot, Choices_come_back_out_of_the_word) {
    using indexes = std::vector<std::size_t>;
    const auto single = accepted(a_definition(poll_type::single, 64));
    const auto multiple = accepted(a_definition(poll_type::multiple, 64));
    const auto ranking = accepted(a_definition(poll_type::ranking, 12));
    EXPECT_EQ(choices_of(single, ballot{64}), (indexes{63}));
    EXPECT_EQ(choices_of(single, {}), indexes{});
    EXPECT_EQ(choices_of(multiple, ballot{(std::uint64_t{1} << 63) | 5}), (indexes{0, 2, 63}));
    EXPECT_EQ(choices_of(ranking, ballot{0x1c3}), (indexes{2, 11, 0}));
    EXPECT_EQ(choices_of(rated_to(5), ballot{3}), indexes{});
}

TEST(Ballot, Width_holds_the_largest_ballot_and_no_byte_more) {
    struct width {
        poll_definition definition;
        std::size_t bytes;
    };
    const std::vector<width> cases{
        {accepted(a_definition(poll_type::single, 64)), 1},
        {rated_to(10), 1},
        {accepted(a_definition(poll_type::multiple, 2)), 1},
        {accepted(a_definition(poll_type::multiple, 8)), 1},
        {accepted(a_definition(poll_type::multiple, 9)), 2},
        {accepted(a_definition(poll_type::multiple, 64)), 8},
        {choosing(poll_type::ranking, 12, 1, 2), 1},
        {choosing(poll_type::ranking, 12, 1, 3), 2},
        {accepted(a_definition(poll_type::ranking, 12)), 6},
    };
    for (const auto& c : cases)
        EXPECT_EQ(ballot_width(c.definition), c.bytes)
            << name(c.definition.type) << " of " << c.definition.options.size();
}

}  // namespace
}  // namespace tallycast::domain
