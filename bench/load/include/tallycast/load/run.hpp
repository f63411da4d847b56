#pragma once
// `tallycast bench`: a crowd that joins an event, votes, repeats itself, survives restarts of the
// node, and then checks that every ballot was counted exactly once; and other ways to load a node.

#include <string>
#include <vector>

namespace tallycast::load {

// args: what follows `bench` on the command line: a mode (votes when none is named) and its
// options.
// Returns 0 when every check held, 1 when one did not or the node could not be driven, 2 for bad
// options, 3 when everything held but the client was too slow for the figures to mean the node.
int run(const std::vector<std::string>& args);

}  // namespace tallycast::load
