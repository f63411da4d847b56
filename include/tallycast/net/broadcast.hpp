#pragma once
// From a change of the store to the bytes its watchers get: encoded once, for every transport.

#include <tallycast/app/results_hub.hpp>
#include <tallycast/ports/change_feed.hpp>

namespace tallycast::net {

// Null for changes that are not published (tenants, keys, events, removals).
app::broadcast_ptr broadcast_of(const ports::change& what, base::mono_time now);

// The last word on a poll, for those who were subscribed to it; never published.
app::broadcast last_word_on(const base::poll_id& poll);

// What the operator tells everybody who watches; never published.
app::broadcast notice_of(std::string_view text);

// One Server-Sent Event of a JSON text, which has no line breaks.
std::string sse_event(std::string_view type, std::uint64_t id, std::string_view json);

}  // namespace tallycast::net
