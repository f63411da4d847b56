#pragma once
// What the store answers without changing anything. Called between batches, so all of it is
// durable.

#include "state.hpp"

#include <tallycast/base/error.hpp>
#include <tallycast/ports/vote_store.hpp>

#include <cstddef>

namespace tallycast::embedded {

inline constexpr std::size_t max_page = 10'000;  // a page is read while votes wait

base::result<ports::kept_ballot> ballot_of(state& live, const base::poll_id& poll,
                                           base::voter_number voter);
base::result<domain::results> results(state& live, const base::poll_id& poll, std::uint32_t round,
                                      base::wall_time now);
base::result<domain::ledger> ledger(state& live, const base::poll_id& poll, std::uint32_t round);
base::result<ports::ballot_page> ballots(state& live, const base::poll_id& poll,
                                         std::uint32_t round, base::voter_number after,
                                         std::size_t limit);

}  // namespace tallycast::embedded
