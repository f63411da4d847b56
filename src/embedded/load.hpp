#pragma once
// From the file back to memory: definitions as they are, sheets by applying the vote log again,
// then tally, version and ledger checked against each other.

#include "sqlite.hpp"
#include "state.hpp"

#include <tallycast/base/error.hpp>

#include <string>

namespace tallycast::embedded {

// Fails with store_unavailable and what is wrong; writes nothing.
base::result<state> load(database& db, const std::string& path);

}  // namespace tallycast::embedded
