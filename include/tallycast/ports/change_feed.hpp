#pragma once
// How a node hears of everything that changes: definitions at once, results when something moved,
// at most ten times a second a poll. The store calls; the node listens.

#include <tallycast/domain/event.hpp>
#include <tallycast/domain/flag.hpp>
#include <tallycast/domain/poll.hpp>
#include <tallycast/domain/results.hpp>

#include <memory>
#include <variant>

namespace tallycast::ports {

struct event_removed {
    base::event_id id;
};
struct poll_removed {
    base::poll_id id;
    base::event_id event;
};
struct tenant_removed {
    base::tenant_id id;
};
struct key_removed {
    base::key_id id;
};

using change =
    std::variant<std::shared_ptr<const domain::tenant>, std::shared_ptr<const domain::host_key>,
                 std::shared_ptr<const domain::event>, std::shared_ptr<const domain::poll>,
                 std::shared_ptr<const domain::results>, std::shared_ptr<const domain::flag>,
                 event_removed, poll_removed, tenant_removed, key_removed>;

// Called on a thread of the store's, one call at a time, in the order of the changes; must not
// block and must not throw. A write's change is told before the write answers. Results and polls of
// one poll are told with never-falling versions and revisions. The removal of an event is told
// before those of its polls, so that whoever watches it all is told once.
class change_listener {
public:
    virtual ~change_listener() = default;
    virtual void on_change(const change& what) = 0;
};

}  // namespace tallycast::ports
