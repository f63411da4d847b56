#pragma once
// The bodies of host and operator routes, and of joining. Strict: one JSON object, no doubled
// members (malformed_json), none unknown (unknown_field, with its path), at most 16 levels. Text
// comes out in NFC; control characters and bidirectional overrides are refused. The details name
// the member.

#include <tallycast/base/error.hpp>
#include <tallycast/domain/event.hpp>
#include <tallycast/domain/poll.hpp>
#include <tallycast/ports/poll_store.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tallycast::wire {

inline constexpr std::size_t max_title_characters = 200;

// {"title","code"?,"settings"?:{"locale"?,"accent"?,"logo"?}}; the code as typed.
struct event_create {
    std::string title;
    std::optional<std::string> code;
    domain::event_settings settings;
};
base::result<event_create> read_event_create(std::string_view json);
base::result<ports::event_patch> read_event_patch(std::string_view json);

// {"type","question","options"?,"rules"?,"results"?,"opens_at"?,"closes_at"?,"grace_ms"?}. An
// option is
// {"id"?,"label"} or its label alone; no two may look the same. The definition has passed
// domain::checked.
base::result<domain::poll_definition> read_poll_create(std::string_view json);
// A merge patch (RFC 7396), like those of events and tenants: what is absent stays, null
// clears a time and puts anything else that has a default back to it. Options are replaced as a
// whole.
base::result<ports::poll_patch> read_poll_patch(std::string_view json);

// {"duration_ms"?}: 1 ms to 31 days. An empty body is an empty object.
struct open_options {
    std::optional<base::milliseconds> duration;
};
base::result<open_options> read_open_options(std::string_view json);

// {"ttl_s"?}: 60 s to 30 days. An empty body is an empty object.
struct watcher_request {
    std::chrono::seconds ttl = std::chrono::hours(12);
};
base::result<watcher_request> read_watcher_request(std::string_view json);

// {"code"}: as typed, at most 64 bytes.
struct join_request {
    std::string code;
};
base::result<join_request> read_join(std::string_view json);

// {"host_key"}
struct sign_in {
    std::string host_key;
};
base::result<sign_in> read_sign_in(std::string_view json);

// {"name","quotas"?:{"events"?,"polls_per_event"?,"voters_per_event"?}}
struct tenant_create {
    std::string name;
    domain::quotas quotas;
};
base::result<tenant_create> read_tenant_create(std::string_view json);
base::result<ports::tenant_patch> read_tenant_patch(std::string_view json);

// {"label"?}. An empty body is an empty object.
struct key_create {
    std::string label;
};
base::result<key_create> read_key_create(std::string_view json);

}  // namespace tallycast::wire
