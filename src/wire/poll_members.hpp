#pragma once
// A poll's members, the same in an answer and in a live message; and a ballot as options' ids.

#include <tallycast/domain/ballot.hpp>
#include <tallycast/domain/poll.hpp>

#include "json_text.hpp"

namespace tallycast::wire {

void append_members(object_writer& to, const domain::poll& poll);

// ["b","a"]; for a ranking the best first.
void append_ids(std::string& out, const domain::poll_definition& definition, domain::ballot vote);

}  // namespace tallycast::wire
