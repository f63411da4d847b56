#pragma once
// A ballot as one 64-bit word, whose meaning depends on the poll's type:
//
//   single    index of the option + 1
//   multiple  bit i is set when option i is chosen
//   rating    the rating, 1 to scale
//   ranking   nibble r (from the lowest) is the index + 1 of the option at rank r + 1; 0 ends the
//   list
//
// 0 is no ballot at all. Every valid ballot has exactly one word, so equal words are equal ballots.

#include <tallycast/domain/poll.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace tallycast::domain {

struct ballot {
    std::uint64_t bits = 0;
    bool empty() const noexcept { return bits == 0; }
    friend bool operator==(const ballot&, const ballot&) = default;
};

// What the voter sent: either choices (option ids; for a ranking the best first) or a rating.
struct ballot_form {
    std::span<const std::string_view> choices;
    bool has_choices = false;
    std::optional<std::int64_t> rating;
    std::uint32_t revision = 0;  // of the poll as the voter saw it; 0: not said
};

// Fails with invalid_ballot: unknown or repeated option, too few or too many choices, rating out of
// scale, or the form of another type.
base::result<ballot> ballot_from(const poll_definition& definition, const ballot_form& form);

// The options of a ballot as indexes into definition.options: ascending, or by rank for a ranking.
// Empty for a rating.
std::vector<std::size_t> choices_of(const poll_definition& definition, ballot vote);

// How many bytes hold any ballot of this poll: 1 to 8.
std::size_t ballot_width(const poll_definition& definition);

}  // namespace tallycast::domain
