#pragma once
// The event of `--demo`: something to join and to vote on in the first minute.

#include <tallycast/app/core.hpp>
#include <tallycast/app/manage.hpp>

#include <string>

namespace tallycast::server {

struct demo_event {
    base::event_id event;
    std::string code;
    base::poll_id poll;  // a single choice with the options a, b and c; open
};

// The demo event of the tenant: the one there is, or a new one with three open polls.
app::use_case<demo_event> make_demo(app::core& on, base::tenant_id tenant);

}  // namespace tallycast::server
