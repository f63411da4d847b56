#pragma once
// How the records of a poll's sheet look in Redis (lua/1_slice.lua describes them), and how they
// are read from outside the functions: for a voter's own ballot and for exports. Pure.

#include <tallycast/domain/poll.hpp>
#include <tallycast/ports/vote_store.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tallycast::redis {

struct sheet_form {
    char type = 's';          // s(ingle) m(ultiple) r(ating) k (ranking)
    std::uint32_t bits = 0;   // of a ballot
    std::uint32_t bytes = 0;  // of a record: 2 where a single choice stands, at most 64
    bool change = false;
    std::uint32_t ranks = 0;  // of a ranking, otherwise 0

    std::uint32_t ballot_bytes() const { return (bits + 7) / 8; }
    // Ballots that stand, in at most 6 bytes: a record is one number.
    bool is_number() const { return !change && bytes <= 6; }
};

sheet_form form_of(const domain::poll_definition& definition);

// The ballot in a record, or nothing when it is empty, withdrawn or cut off. voter is not filled.
std::optional<ports::kept_ballot> ballot_in(const sheet_form& form, std::string_view record);

}  // namespace tallycast::redis
