#include "state.hpp"

#include <tallycast/domain/lifecycle.hpp>

namespace tallycast::embedded {

namespace {

template <class Map, class Key>
auto* find_in(Map& map, const Key& key) {
    const auto at = map.find(key);
    return at == map.end() ? nullptr : &at->second;
}

}  // namespace

const kept_round* poll_entry::round(std::uint32_t number) const {
    if (number == 0) return &current();
    return number <= rounds.size() ? rounds[number - 1].get() : nullptr;
}

void state::put_flag(domain::flag flag) {
    const auto which = flag.which;
    flags_[which] = std::make_shared<const domain::flag>(std::move(flag));
}

void state::put_tenant(domain::tenant tenant) {
    auto& entry = tenants_[tenant.id];
    entry.tenant = std::make_shared<const domain::tenant>(std::move(tenant));
}

void state::put_key(domain::host_key key) {
    keys_by_hash_[key.hash] = key.id;
    tenants_[key.tenant].keys.insert(key.id);
    const auto id = key.id;
    keys_[id] = std::make_shared<const domain::host_key>(std::move(key));
}

void state::put_event(domain::event event, std::uint64_t numbers_taken) {
    auto& entry = events_[event.id];
    if (entry.event) events_by_code_.erase(entry.event->code);
    events_by_code_[event.code] = event.id;
    tenants_[event.tenant].events.insert(event.id);
    entry.event = std::make_shared<const domain::event>(std::move(event));
    entry.numbers_taken = numbers_taken;
}

void state::set_numbers_taken(const base::event_id& event, std::uint64_t taken) {
    events_.at(event).numbers_taken = taken;
}

poll_entry& state::put_poll(domain::poll poll) {
    auto& entry = polls_[poll.id];
    events_[poll.event].polls.insert(poll.id);
    entry.poll = std::make_shared<const domain::poll>(std::move(poll));
    if (!entry.rounds.empty()) entry.current().definition = entry.poll->definition;
    schedule(entry);
    return entry;
}

void state::add_round(poll_entry& entry, domain::poll_definition definition,
                      std::uint64_t version) {
    const auto number = static_cast<std::uint32_t>(entry.rounds.size() + 1);
    domain::poll_round empty(definition, number, version);
    entry.rounds.push_back(
        std::make_unique<kept_round>(kept_round{std::move(definition), std::move(empty)}));
}

void state::remove_tenant(const base::tenant_id& id) { tenants_.erase(id); }

void state::remove_key(const base::key_id& id) {
    const auto key = keys_.at(id);
    keys_by_hash_.erase(key->hash);
    tenants_.at(key->tenant).keys.erase(id);
    keys_.erase(id);
}

void state::remove_event(const base::event_id& id) {
    const auto event = events_.at(id).event;
    events_by_code_.erase(event->code);
    tenants_.at(event->tenant).events.erase(id);
    events_.erase(id);
}

void state::remove_poll(const base::poll_id& id) {
    const auto at = polls_.find(id);
    auto& entry = at->second;
    unschedule(entry);
    events_.at(entry.poll->event).polls.erase(id);
    polls_.erase(at);
}

const tenant_entry* state::tenant(const base::tenant_id& id) const { return find_in(tenants_, id); }

std::shared_ptr<const domain::host_key> state::key(const base::key_id& id) const {
    const auto* at = find_in(keys_, id);
    return at ? *at : nullptr;
}

std::shared_ptr<const domain::host_key> state::key_by_hash(const std::string& hash) const {
    const auto* id = find_in(keys_by_hash_, hash);
    return id ? key(*id) : nullptr;
}

const event_entry* state::event(const base::event_id& id) const { return find_in(events_, id); }

std::optional<base::event_id> state::event_by_code(const std::string& code) const {
    const auto* at = find_in(events_by_code_, code);
    return at ? std::optional(*at) : std::nullopt;
}

poll_entry* state::poll(const base::poll_id& id) { return find_in(polls_, id); }

std::optional<std::pair<base::wall_time, base::poll_id>> state::next_due() const {
    return agenda_.empty() ? std::nullopt : std::optional(*agenda_.begin());
}

void state::schedule(poll_entry& entry) {
    unschedule(entry);
    entry.due_at = domain::next_due(*entry.poll);
    if (entry.due_at) agenda_.insert({*entry.due_at, entry.poll->id});
}

void state::unschedule(poll_entry& entry) {
    if (entry.due_at) agenda_.erase({*entry.due_at, entry.poll->id});
    entry.due_at.reset();
}

domain::results results_of(const poll_entry& entry, const kept_round& round, base::wall_time now) {
    const auto& poll = *entry.poll;
    const bool over = &round != &entry.current();
    const auto status = over ? domain::poll_status::closed : poll.status;
    const bool final =
        status == domain::poll_status::closed || status == domain::poll_status::archived;
    return {.poll = poll.id,
            .event = poll.event,
            .round = round.count.number(),
            .status = status,
            .version = round.count.version(),
            .final = final,
            .tally = round.count.tally(),
            .definition = round.definition,
            .at = now};
}

}  // namespace tallycast::embedded
