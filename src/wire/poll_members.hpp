#pragma once
// A poll's members, the same in an answer and in a live message; and a ballot as options' ids.

#include <tallycast/domain/ballot.hpp>
#include <tallycast/domain/poll.hpp>

#include "json_text.hpp"

#include <string>
#include <string_view>

namespace tallycast::wire {

// In a live message `type` is the message's own, so there the poll's has another name.
void append_members(object_writer& to, const domain::poll& poll,
                    std::string_view type_name = "type");

// ["b","a"]; for a ranking the best first.
void append_ids(std::string& out, const domain::poll_definition& definition, domain::ballot vote);

}  // namespace tallycast::wire
