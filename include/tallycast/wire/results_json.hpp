#pragma once
// What is told of counting: results, and a voter's own ballot. Written straight into the text,
// because results are encoded at every change.

#include <tallycast/base/id.hpp>
#include <tallycast/base/time.hpp>
#include <tallycast/domain/ballot.hpp>
#include <tallycast/domain/poll.hpp>
#include <tallycast/domain/results.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace tallycast::wire {

// {"poll","round","status","version","voters","votes","final",
// "options":[{"id","votes"}],"server_time"};
// a rating has "average" (at most 4 decimals) and "ratings" (a count for each step, from 1); each
// option of a ranking "ranks" (how often at each rank, the best first) and "points" (Borda).
void append_results(std::string& out, const domain::results& results, base::wall_time server_time);

// {"status","poll","round","receipt","at"}; a withdrawal has no receipt, and leaves it out when
// empty.
std::string write_vote_receipt(std::string_view status, const base::poll_id& poll,
                               std::uint32_t round, std::string_view receipt, base::wall_time at);

// {"poll","round","choices":[…] or "rating":n,"receipt"}; the poll's current round.
std::string write_my_ballot(const domain::poll& poll, domain::ballot vote,
                            std::string_view receipt);

}  // namespace tallycast::wire
