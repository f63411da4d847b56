#pragma once
// Who is calling, from the one credential a request may carry.

#include <tallycast/app/core.hpp>
#include <tallycast/base/error.hpp>

#include <string_view>
#include <variant>

namespace tallycast::app {

struct anyone {};
struct operator_caller {};
struct host_caller {
    base::tenant_id tenant;
    std::string key_hash;  // by which a live session sees that its key was revoked
};
struct voter_caller {
    base::event_id event;
    base::voter_number number;
    base::wall_time expires{};
};
struct watcher_caller {
    base::event_id event;
    base::wall_time expires{};
};
using caller = std::variant<anyone, operator_caller, host_caller, voter_caller, watcher_caller>;

// An empty credential is anyone. unauthorised for a key nobody has; voter_token_invalid and
// _expired.
base::result<caller> identify(core& on, std::string_view credential);

// Whether what the caller came with has expired or been revoked since.
bool is_over(core& on, const caller& who);

// Whether the caller sees this event as its host does.
bool sees_as_host(const caller& who, const domain::event& event);

// What a host route needs: the tenant, or unauthorised.
base::result<base::tenant_id> tenant_of(const caller& who);

// What belongs to the host's tenant, or <…>_not_found: others' things do not exist for it.
base::result<event_ptr> own_event(core& on, const caller& who, const base::event_id& event);
base::result<poll_ptr> own_poll(core& on, const caller& who, const base::poll_id& poll);

base::failure event_not_found();
base::failure poll_not_found();

}  // namespace tallycast::app
