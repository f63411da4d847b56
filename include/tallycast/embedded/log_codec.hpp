#pragma once
// The votes one batch accepted for one round, as kept in a row of vote_log:
//
//   row    := format (1 byte, value 1) · action+
//   action := voter (varint, ≥ 1) · ballot (varint; 0 withdraws) · tag (4 bytes, lowest first)
//   varint := 7 bits a byte, lowest first, high bit set on all bytes but the last; at most 10
//   bytes,
//             never longer than needed
//
// About eight bytes a vote, and no SQL of its own.

#include <tallycast/domain/poll_round.hpp>

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace tallycast::embedded {

inline constexpr std::byte log_format{1};

struct logged_action {
    base::voter_number voter;
    domain::ballot vote;  // empty: withdrawn
    std::uint32_t tag = 0;
    friend bool operator==(const logged_action&, const logged_action&) = default;
};

// Appends to a row; an empty row gets its format byte first.
void append_action(std::vector<std::byte>& row, const logged_action& action);

// Calls `each` for every action in order; false when the row does not parse, after the actions
// before the fault.
bool parse_actions(std::span<const std::byte> row,
                   const std::function<void(const logged_action&)>& each);

}  // namespace tallycast::embedded
