#pragma once
// The members a ballot is sent in, the same in a vote's body and in a live vote message.

#include <tallycast/domain/ballot.hpp>

#include "flat_object.hpp"

#include <memory_resource>
#include <string_view>
#include <vector>

namespace tallycast::wire {

// invalid_request: neither or both of "choices" and "rating", or of another type, or a "revision"
// that no poll can have; invalid_ballot: more choices than a poll can have options.
base::result<domain::ballot_form> read_ballot(const flat_object& from);

// Makes the arena and the list that lives in it new, and gives the list room for an ordinary
// ballot.
void start_over(std::pmr::monotonic_buffer_resource& arena,
                std::pmr::vector<std::string_view>& strings);

}  // namespace tallycast::wire
