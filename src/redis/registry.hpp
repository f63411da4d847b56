#pragma once
// What this node knows of the catalog: every tenant, key, event and poll with the text it is kept
// as, which is what a write is checked against. Follows the stream of changes. One thread only;
// values are shared with listeners, so a change is a new value, never an edit. No I/O.

#include "definition_rows.hpp"

#include <tallycast/ports/change_feed.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tallycast::redis {

// The kinds of a change, as they stand in the stream; texts a and b of the entry:
//   tenant, key, event, poll, flag                        a: the row
//   tenant_removed, key_removed, event_removed            a: the id
//   poll_removed                                          a: the id, b: its event
namespace change_kind {
inline constexpr std::string_view tenant = "tenant", key = "key", event = "event", poll = "poll",
                                  flag = "flag";
inline constexpr std::string_view tenant_removed = "tenant_removed", key_removed = "key_removed",
                                  event_removed = "event_removed", poll_removed = "poll_removed";
}  // namespace change_kind

struct kept_tenant {
    std::shared_ptr<const domain::tenant> tenant;
    std::string row;
};
struct kept_key {
    std::shared_ptr<const domain::host_key> key;
    std::string row;
};
struct kept_event {
    std::shared_ptr<const domain::event> event;
    std::string row;
};
struct kept_poll {
    std::shared_ptr<const domain::poll> poll;
    std::string row;
};

struct kept_flag {
    std::shared_ptr<const domain::flag> flag;
    std::string row;
};

// All rows at once, as texts by id.
struct whole_catalog {
    std::vector<std::string> tenants, keys, events, polls, flags;
};

class registry {
public:
    // What is to be told, if this was news: a row that is known or older, and what cannot be read,
    // is none.
    std::optional<ports::change> apply(std::string_view kind, std::string_view a,
                                       std::string_view b = {});
    // The same for everything: what is no longer there is removed, an event before its polls.
    std::vector<ports::change> replace(const whole_catalog& all);

    // Null when there is none. Valid until the next change.
    const kept_tenant* tenant(const base::tenant_id& id) const;
    const kept_key* key(const base::key_id& id) const;
    const kept_key* key_with_hash(const std::string& hash) const;
    const kept_event* event(const base::event_id& id) const;
    const kept_event* event_with_code(const std::string& code) const;
    const kept_poll* poll(const base::poll_id& id) const;

    std::vector<base::event_id> events_of(const base::tenant_id& id) const;
    std::vector<base::key_id> keys_of(const base::tenant_id& id) const;
    std::vector<base::poll_id> polls_of(const base::event_id& id) const;
    const std::unordered_map<base::poll_id, kept_poll>& polls() const noexcept { return polls_; }
    // Everything, as a new listener is told it.
    std::vector<ports::change> all() const;

    // The poll that next opens or closes by itself, and when.
    std::optional<std::pair<base::wall_time, base::poll_id>> next_due() const;

private:
    std::optional<ports::change> put_tenant(std::string_view row);
    std::optional<ports::change> put_key(std::string_view row);
    std::optional<ports::change> put_flag(std::string_view row);
    // Rows as the catalog has them now, or as one of its changes brought them: then an older one is
    // no news.
    enum class source : std::uint8_t { change = 1, catalog };
    std::optional<ports::change> put_event(std::string_view row, source from);
    std::optional<ports::change> put_poll(std::string_view row, source from);
    std::optional<ports::change> remove_tenant(const base::tenant_id& id);
    std::optional<ports::change> remove_key(const base::key_id& id);
    std::optional<ports::change> remove_event(const base::event_id& id);
    std::optional<ports::change> remove_poll(const base::poll_id& id);

    std::map<base::tenant_id, kept_tenant> tenants_;
    std::map<base::key_id, kept_key> keys_;
    std::map<domain::flag_id, kept_flag> flags_;
    std::unordered_map<std::string, base::key_id> keys_by_hash_;
    std::map<base::event_id, kept_event> events_;
    std::unordered_map<std::string, base::event_id> events_by_code_;
    std::unordered_map<base::poll_id, kept_poll> polls_;
    std::map<base::event_id, std::set<base::poll_id>> polls_by_event_;
    std::set<std::pair<base::wall_time, base::poll_id>> agenda_;
};

}  // namespace tallycast::redis
