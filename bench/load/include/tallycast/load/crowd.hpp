#pragma once
// The two things voters do, as work for a pump: join, then vote by plan. Each part owns its own
// voters and ballots, so that threads share nothing.

#include <tallycast/load/plan.hpp>
#include <tallycast/load/pump.hpp>

#include <memory>
#include <string>
#include <vector>

namespace tallycast::load {

// Cuts the crowd into `parts` crowds of their own, drawn from different seeds.
std::vector<plan> make_crowd(const plan_wishes& wishes, std::uint32_t parts);

// Fills the plan's voters with tokens and numbers. A refused join (any answer that is neither 200
// nor 429 nor 5xx) leaves the voter without a token.
std::unique_ptr<work> make_join_work(plan& crowd);

// Sends the plan and keeps its book. `key_prefix` makes the run's idempotency keys its own;
// `option_ids` are the poll's, in order. Every voter has joined.
std::unique_ptr<work> make_vote_work(plan& crowd, std::string key_prefix,
                                     const std::vector<std::string>& option_ids);

// Whether an answer with this status leaves the question open: try again.
constexpr bool is_open_answer(int status) { return status == 429 || status >= 500; }

}  // namespace tallycast::load
