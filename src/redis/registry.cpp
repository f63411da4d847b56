#include "registry.hpp"

#include <tallycast/domain/lifecycle.hpp>

#include <algorithm>

namespace tallycast::redis {

namespace {

template <class Map, class Id>
auto* found(const Map& all, const Id& id) {
    const auto at = all.find(id);
    return at == all.end() ? nullptr : &at->second;
}

// The ids of `known` that no row of `rows` has.
template <class Map, class Read>
auto missing(const Map& known, const std::vector<std::string>& rows, Read id_of) {
    std::set<typename Map::key_type> there;
    for (const auto& row : rows)
        if (const auto id = id_of(row)) there.insert(*id);
    std::vector<typename Map::key_type> gone;
    for (const auto& [id, entry] : known)
        if (!there.contains(id)) gone.push_back(id);
    return gone;
}

template <class Id, class Value>
std::optional<Id> id_in(const std::optional<Value>& value) {
    return value ? std::optional(value->id) : std::nullopt;
}

}  // namespace

std::optional<ports::change> registry::apply(std::string_view kind, std::string_view a,
                                             std::string_view /*b: an event that is known*/) {
    if (kind == change_kind::tenant) return put_tenant(a);
    if (kind == change_kind::key) return put_key(a);
    if (kind == change_kind::event) return put_event(a, source::change);
    if (kind == change_kind::poll) return put_poll(a, source::change);
    if (kind == change_kind::flag) return put_flag(a);
    if (kind == change_kind::tenant_removed) return remove_tenant(base::tenant_id(a));
    if (kind == change_kind::key_removed) return remove_key(base::key_id(a));
    if (kind == change_kind::event_removed) return remove_event(base::event_id(a));
    if (kind == change_kind::poll_removed) return remove_poll(base::poll_id(a));
    return std::nullopt;  // of a newer version
}

std::vector<ports::change> registry::replace(const whole_catalog& all) {
    std::vector<ports::change> told;
    const auto tell = [&](std::optional<ports::change> what) {
        if (what) told.push_back(std::move(*what));
    };
    const auto poll_id = [](const std::string& row) -> std::optional<base::poll_id> {
        const auto kept = poll_in(row);
        return kept ? std::optional(kept->id) : std::nullopt;
    };
    for (const auto& id : missing(events_, all.events, [](const auto& row) {
             return id_in<base::event_id>(event_in(row));
         }))
        tell(remove_event(id));
    for (const auto& id : missing(polls_, all.polls, poll_id)) tell(remove_poll(id));
    for (const auto& id :
         missing(keys_, all.keys, [](const auto& row) { return id_in<base::key_id>(key_in(row)); }))
        tell(remove_key(id));
    for (const auto& id : missing(tenants_, all.tenants, [](const auto& row) {
             return id_in<base::tenant_id>(tenant_in(row));
         }))
        tell(remove_tenant(id));
    for (const auto& row : all.flags) tell(put_flag(row));
    for (const auto& row : all.tenants) tell(put_tenant(row));
    for (const auto& row : all.keys) tell(put_key(row));
    for (const auto& row : all.events) tell(put_event(row, source::catalog));
    for (const auto& row : all.polls) tell(put_poll(row, source::catalog));
    return told;
}

std::optional<ports::change> registry::put_tenant(std::string_view row) {
    auto read = tenant_in(row);
    if (!read) return std::nullopt;
    auto& kept = tenants_[read->id];
    if (kept.row == row) return std::nullopt;
    kept = {std::make_shared<const domain::tenant>(std::move(*read)), std::string(row)};
    return kept.tenant;
}

std::optional<ports::change> registry::put_key(std::string_view row) {
    auto read = key_in(row);
    if (!read) return std::nullopt;
    auto& kept = keys_[read->id];
    if (kept.row == row) return std::nullopt;
    kept = {std::make_shared<const domain::host_key>(std::move(*read)), std::string(row)};
    keys_by_hash_[kept.key->hash] = kept.key->id;
    return kept.key;
}

// Never removed: a flag without a value is back at its own.
std::optional<ports::change> registry::put_flag(std::string_view row) {
    auto read = flag_in(row);
    if (!read) return std::nullopt;
    auto& kept = flags_[read->which];
    if (kept.row == row) return std::nullopt;
    kept = {std::make_shared<const domain::flag>(std::move(*read)), std::string(row)};
    return kept.flag;
}

std::optional<ports::change> registry::put_event(std::string_view row, source from) {
    auto read = event_in(row);
    if (!read) return std::nullopt;
    auto& kept = events_[read->id];
    if (kept.row == row) return std::nullopt;
    const bool older = kept.event && kept.event->revision >= read->revision;
    if (older && from == source::change) return std::nullopt;
    if (kept.event && kept.event->code != read->code) events_by_code_.erase(kept.event->code);
    kept = {std::make_shared<const domain::event>(std::move(*read)), std::string(row)};
    events_by_code_[kept.event->code] = kept.event->id;
    return kept.event;
}

std::optional<ports::change> registry::put_poll(std::string_view row, source from) {
    auto read = poll_in(row);
    if (!read) return std::nullopt;
    auto& kept = polls_[read->id];
    if (kept.row == row) return std::nullopt;
    const bool older = kept.poll && kept.poll->revision >= read->revision;
    if (older && from == source::change) return std::nullopt;
    if (kept.poll)
        if (const auto at = domain::next_due(*kept.poll)) agenda_.erase({*at, kept.poll->id});
    kept = {std::make_shared<const domain::poll>(std::move(*read)), std::string(row)};
    polls_by_event_[kept.poll->event].insert(kept.poll->id);
    if (const auto at = domain::next_due(*kept.poll)) agenda_.insert({*at, kept.poll->id});
    return kept.poll;
}

std::optional<ports::change> registry::remove_tenant(const base::tenant_id& id) {
    if (tenants_.erase(id) == 0) return std::nullopt;
    return ports::tenant_removed{id};
}

std::optional<ports::change> registry::remove_key(const base::key_id& id) {
    const auto at = keys_.find(id);
    if (at == keys_.end()) return std::nullopt;
    keys_by_hash_.erase(at->second.key->hash);
    keys_.erase(at);
    return ports::key_removed{id};
}

std::optional<ports::change> registry::remove_event(const base::event_id& id) {
    const auto at = events_.find(id);
    if (at == events_.end()) return std::nullopt;
    const auto& code = at->second.event->code;
    if (const auto owner = events_by_code_.find(code);
        owner != events_by_code_.end() && owner->second == id)
        events_by_code_.erase(owner);
    events_.erase(at);
    return ports::event_removed{id};
}

std::optional<ports::change> registry::remove_poll(const base::poll_id& id) {
    const auto at = polls_.find(id);
    if (at == polls_.end()) return std::nullopt;
    const auto poll = at->second.poll;
    if (const auto due = domain::next_due(*poll)) agenda_.erase({*due, id});
    auto& siblings = polls_by_event_[poll->event];
    siblings.erase(id);
    if (siblings.empty()) polls_by_event_.erase(poll->event);
    polls_.erase(at);
    return ports::poll_removed{id, poll->event};
}

const kept_tenant* registry::tenant(const base::tenant_id& id) const { return found(tenants_, id); }
const kept_key* registry::key(const base::key_id& id) const { return found(keys_, id); }
const kept_event* registry::event(const base::event_id& id) const { return found(events_, id); }
const kept_poll* registry::poll(const base::poll_id& id) const { return found(polls_, id); }

const kept_key* registry::key_with_hash(const std::string& hash) const {
    const auto* id = found(keys_by_hash_, hash);
    return id ? key(*id) : nullptr;
}

const kept_event* registry::event_with_code(const std::string& code) const {
    const auto* id = found(events_by_code_, code);
    return id ? event(*id) : nullptr;
}

std::vector<base::event_id> registry::events_of(const base::tenant_id& id) const {
    std::vector<base::event_id> theirs;
    for (const auto& [event, kept] : events_)
        if (kept.event->tenant == id) theirs.push_back(event);
    return theirs;
}

std::vector<base::key_id> registry::keys_of(const base::tenant_id& id) const {
    std::vector<base::key_id> theirs;
    for (const auto& [key, kept] : keys_)
        if (kept.key->tenant == id) theirs.push_back(key);
    return theirs;
}

std::vector<base::poll_id> registry::polls_of(const base::event_id& id) const {
    const auto* theirs = found(polls_by_event_, id);
    return theirs ? std::vector(theirs->begin(), theirs->end()) : std::vector<base::poll_id>{};
}

std::vector<ports::change> registry::all() const {
    std::vector<ports::change> told;
    for (const auto& [which, kept] : flags_) told.emplace_back(kept.flag);
    for (const auto& [id, kept] : tenants_) told.emplace_back(kept.tenant);
    for (const auto& [id, kept] : keys_) told.emplace_back(kept.key);
    for (const auto& [id, kept] : events_) told.emplace_back(kept.event);
    for (const auto& [id, kept] : polls_) told.emplace_back(kept.poll);
    return told;
}

std::optional<std::pair<base::wall_time, base::poll_id>> registry::next_due() const {
    return agenda_.empty() ? std::nullopt : std::optional(*agenda_.begin());
}

}  // namespace tallycast::redis
