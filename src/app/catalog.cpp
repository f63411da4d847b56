#include <tallycast/app/catalog.hpp>

#include <algorithm>
#include <iterator>
#include <memory>
#include <tuple>
#include <utility>
#include <variant>

namespace tallycast::app {

namespace {

template <class Map, class Key>
auto found(const Map& map, const Key& key) -> typename Map::mapped_type {
    const auto at = map.find(key);
    return at == map.end() ? typename Map::mapped_type{} : at->second;
}

template <class Pointer>
void order_by_creation(std::vector<Pointer>& values) {
    std::ranges::sort(values, {}, [](const Pointer& p) { return std::tie(p->created_at, p->id); });
}

bool is_newer(const domain::results& one, const domain::results& other) {
    return std::pair(one.round, one.version) > std::pair(other.round, other.version);
}

}  // namespace

void catalog::apply(const ports::change& what) {
    std::visit([this](const auto& changed) { put(changed); }, what);
}

void catalog::put(const event_ptr& e) {
    auto& entry = events_[e->id];
    if (entry.event) drop_code(*entry.event);
    entry.event = e;
    codes_[e->code] = e->id;
    looks_.emplace(domain::look_of_code(e->code), e->id);
}

void catalog::drop_code(const domain::event& e) {
    codes_.erase(e.code);
    const auto [first, last] = looks_.equal_range(domain::look_of_code(e.code));
    for (auto at = first; at != last; ++at) {
        if (at->second != e.id) continue;
        looks_.erase(at);
        return;
    }
}

void catalog::put(const poll_ptr& p) {
    auto& entry = polls_[p->id];
    const bool stays = entry.poll && entry.poll->position == p->position;
    const bool is_new = !entry.poll;
    entry.poll = p;
    if (stays) return;
    auto& polls = events_[p->event].polls;
    if (!is_new) std::erase(polls, p->id);
    // By its place, and not as they come: a store tells of what it kept in any order.
    const auto before = [this](const poll_ptr& fresh, const base::poll_id& other) {
        return domain::stands_before(*fresh, *polls_.at(other).poll);
    };
    polls.insert(std::upper_bound(polls.begin(), polls.end(), p, before), p->id);
}

void catalog::put(const results_ptr& r) {
    const auto at = polls_.find(r->poll);
    if (at == polls_.end()) return;
    auto& known = at->second.results;
    if (!known || !is_newer(*known, *r)) known = r;
}

void catalog::learn(const domain::results& results) {
    const auto at = polls_.find(results.poll);
    if (at == polls_.end()) return;
    auto& known = at->second.results;
    if (!known || is_newer(results, *known))
        known = std::make_shared<const domain::results>(results);
}

void catalog::put(const ports::event_removed& gone) {
    const auto at = events_.find(gone.id);
    if (at == events_.end()) return;
    for (const auto& poll : at->second.polls) polls_.erase(poll);
    if (at->second.event) drop_code(*at->second.event);
    events_.erase(at);
}

void catalog::put(const ports::poll_removed& gone) {
    polls_.erase(gone.id);
    if (const auto at = events_.find(gone.event); at != events_.end())
        std::erase(at->second.polls, gone.id);
}

void catalog::put(const ports::key_removed& gone) {
    std::erase_if(keys_, [&](const auto& entry) { return entry.second->id == gone.id; });
}

tenant_ptr catalog::tenant(const base::tenant_id& id) const { return found(tenants_, id); }
key_ptr catalog::key_with_hash(const std::string& hash) const { return found(keys_, hash); }
event_ptr catalog::event(const base::event_id& id) const { return found(events_, id).event; }
poll_ptr catalog::poll(const base::poll_id& id) const {
    const auto at = polls_.find(id);
    return at == polls_.end() ? nullptr : at->second.poll;
}
results_ptr catalog::results(const base::poll_id& id) const { return found(polls_, id).results; }

event_ptr catalog::event_with_code(const std::string& folded_code) const {
    if (const auto at = codes_.find(folded_code); at != codes_.end()) return event(at->second);
    const auto [first, last] = looks_.equal_range(domain::look_of_code(folded_code));
    const bool only_one = first != last && std::next(first) == last;
    return only_one ? event(first->second) : nullptr;
}

std::vector<tenant_ptr> catalog::tenants() const {
    std::vector<tenant_ptr> all;
    for (const auto& [id, tenant] : tenants_) all.push_back(tenant);
    order_by_creation(all);
    return all;
}

std::vector<key_ptr> catalog::keys_of(const base::tenant_id& id) const {
    std::vector<key_ptr> keys;
    for (const auto& [hash, key] : keys_)
        if (key->tenant == id) keys.push_back(key);
    order_by_creation(keys);
    return keys;
}

std::vector<event_ptr> catalog::events_of(const base::tenant_id& id) const {
    std::vector<event_ptr> events;
    for (const auto& [event_id, entry] : events_)
        if (entry.event && entry.event->tenant == id) events.push_back(entry.event);
    order_by_creation(events);
    return events;
}

std::vector<poll_ptr> catalog::polls_of(const base::event_id& id) const {
    std::vector<poll_ptr> polls;
    const auto at = events_.find(id);
    if (at == events_.end()) return polls;
    for (const auto& poll_id : at->second.polls)
        if (auto p = poll(poll_id)) polls.push_back(std::move(p));
    return polls;
}

}  // namespace tallycast::app
