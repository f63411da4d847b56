#pragma once
// Whether the user that a node comes as may do all that nodes do: each of it is done once, on
// scratch keys named as those of a slice, and what Redis refuses is put into a sentence. Pure.

#include "call_result.hpp"
#include "command.hpp"

#include <string>
#include <vector>

namespace tallycast::redis {

// All of one call to the server that has this hash tag. Nothing stays of it.
pipeline trial_at(const std::string& tag, const std::vector<std::string>& channels);

// What is refused, with what the operator can do; empty when nothing is, or no answer came.
std::string refused_in(const call_result<replies>& got, const std::string& tag);

}  // namespace tallycast::redis
