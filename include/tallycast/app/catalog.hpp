#pragma once
// What one core knows of tenants, keys, events and polls: a copy kept current by the change feed,
// so that a vote needs no look-up elsewhere. Single-threaded; one per core. The store stays the
// judge: a vote decided under an older definition comes back as stale.

#include <tallycast/domain/event.hpp>
#include <tallycast/domain/poll.hpp>
#include <tallycast/domain/results.hpp>
#include <tallycast/ports/change_feed.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tallycast::app {

using tenant_ptr = std::shared_ptr<const domain::tenant>;
using key_ptr = std::shared_ptr<const domain::host_key>;
using event_ptr = std::shared_ptr<const domain::event>;
using poll_ptr = std::shared_ptr<const domain::poll>;
using results_ptr = std::shared_ptr<const domain::results>;

class catalog {
public:
    void apply(const ports::change& what);
    // What the store was asked for, which may be newer than what it has told so far. Results never
    // go back to an older version, whichever way they came.
    void learn(const domain::results& results);

    // Null when there is none.
    tenant_ptr tenant(const base::tenant_id& id) const;
    key_ptr key_with_hash(const std::string& hash) const;
    event_ptr event(const base::event_id& id) const;
    // Of no event with this very code, the one whose code looks like it, if there is only one.
    event_ptr event_with_code(const std::string& folded_code) const;
    poll_ptr poll(const base::poll_id& id) const;
    results_ptr results(const base::poll_id& id) const;

    // In order of creation; polls in the order of their positions.
    std::vector<tenant_ptr> tenants() const;
    std::vector<key_ptr> keys_of(const base::tenant_id& id) const;
    std::vector<event_ptr> events_of(const base::tenant_id& id) const;
    std::vector<poll_ptr> polls_of(const base::event_id& id) const;

private:
    struct event_entry {
        event_ptr event;
        std::vector<base::poll_id> polls;
    };
    struct poll_entry {
        poll_ptr poll;
        results_ptr results;
    };

    void put(const tenant_ptr& t) { tenants_[t->id] = t; }
    void put(const key_ptr& k) { keys_[k->hash] = k; }
    void put(const event_ptr& e);
    void drop_code(const domain::event& e);
    void put(const poll_ptr& p);
    void put(const results_ptr& r);
    void put(const std::shared_ptr<const domain::flag>&) {}  // the flag board's
    void put(const ports::event_removed& gone);
    void put(const ports::poll_removed& gone);
    void put(const ports::tenant_removed& gone) { tenants_.erase(gone.id); }
    void put(const ports::key_removed& gone);

    std::unordered_map<base::tenant_id, tenant_ptr> tenants_;
    std::unordered_map<std::string, key_ptr> keys_;  // by hash
    std::unordered_map<base::event_id, event_entry> events_;
    std::unordered_map<std::string, base::event_id> codes_;
    std::unordered_multimap<std::string, base::event_id> looks_;  // of the same codes
    std::unordered_map<base::poll_id, poll_entry> polls_;
};

}  // namespace tallycast::app
