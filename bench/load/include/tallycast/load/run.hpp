#pragma once
// `tallycast bench`: a crowd that joins an event, votes, repeats itself, survives restarts of the
// node, and then checks that every ballot was counted exactly once.

#include <string>
#include <vector>

namespace tallycast::load {

// args: what follows `bench` on the command line.
// Returns 0 when every check held, 1 when one did not or the node could not be driven, 2 for bad
// options.
int run(const std::vector<std::string>& args);

}  // namespace tallycast::load
