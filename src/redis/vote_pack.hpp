#pragma once
// Ballots as the functions of lua/ read them: packed, little-endian. Pure.

#include "sheet_form.hpp"

#include <tallycast/domain/poll_round.hpp>

#include <cstdint>
#include <string>

namespace tallycast::redis {

// The place of a voter in the sheet of their slice.
inline std::uint64_t index_of(base::voter_number voter, std::uint16_t slices) {
    return voter.value / slices;
}
inline base::voter_number voter_at(std::uint64_t index, std::uint16_t slices, std::uint16_t slice) {
    return {index * slices + slice};
}

// index (4) lo (4) hi (4) tag (4) body (2) revision (4), for `cast`.
void append_vote(std::string& packed, const domain::vote_request& vote, std::uint16_t slices);
// index (4) ballot (its bytes) tag (4), for `cast` where records are numbers.
void append_short_vote(std::string& packed, const domain::vote_request& vote,
                       const sheet_form& form, std::uint16_t slices);
// The same with the sequence it got in place of the revision, for `again`.
void append_action(std::string& packed, const domain::vote_request& vote, std::uint32_t sequence,
                   std::uint16_t slices);

}  // namespace tallycast::redis
