#pragma once
// Tenants, keys, events and polls: each change is written first and shown after. Also what polls do
// by themselves when their time comes. Store's thread only, with no votes between cast() and
// commit().

#include "announcer.hpp"
#include "journal.hpp"
#include "state.hpp"

#include <tallycast/base/error.hpp>
#include <tallycast/domain/lifecycle.hpp>
#include <tallycast/ports/poll_store.hpp>

#include <optional>

namespace tallycast::embedded {

class host_desk {
public:
    host_desk(state& live, journal& file, announcer& feed)
        : live_(live), file_(file), feed_(feed) {}

    base::result<domain::event> add_event(domain::event event);
    base::result<domain::event> change_event(const base::event_id& id,
                                             const ports::event_patch& patch);
    base::result<void> remove_event(const base::event_id& id);

    base::result<domain::poll> add_poll(domain::poll poll);
    base::result<domain::poll> change_poll(const base::poll_id& id, const ports::poll_patch& patch);
    base::result<void> remove_poll(const base::poll_id& id);
    base::result<domain::poll> move_poll(const base::poll_id& id, domain::transition what,
                                         std::optional<base::milliseconds> duration,
                                         base::wall_time now);

    base::result<ports::number_block> take_numbers(const base::event_id& id, std::uint64_t count);

    base::result<domain::tenant> add_tenant(domain::tenant tenant);
    base::result<domain::tenant> change_tenant(const base::tenant_id& id,
                                               const ports::tenant_patch& patch);
    base::result<void> remove_tenant(const base::tenant_id& id);
    base::result<domain::host_key> add_key(domain::host_key key);
    base::result<void> remove_key(const base::tenant_id& tenant, const base::key_id& id);

    base::result<domain::flag> set_flag(domain::flag flag);

    // Opens and closes what is due; a poll that cannot be written stays due.
    void move_due(base::wall_time now);

private:
    // The poll as it is to be: written, taken over and told. A changed meaning empties nothing, for
    // the round has no votes; it only begins with the new definition.
    base::result<domain::poll> settle(poll_entry& entry, const domain::poll& after,
                                      bool new_meaning);
    void forget_poll(const base::poll_id& id);
    void forget_event(const base::event_id& id);

    state& live_;
    journal& file_;
    announcer& feed_;
};

}  // namespace tallycast::embedded
