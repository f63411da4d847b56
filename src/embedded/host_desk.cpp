#include "host_desk.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace tallycast::embedded {

namespace {

using base::errc;
using base::failure;

failure no_event() { return {errc::event_not_found, "There is no such event."}; }
failure no_tenant() { return {errc::tenant_not_found, "There is no such tenant."}; }
failure no_poll() { return {errc::poll_not_found, "There is no such poll."}; }
failure known_already() { return {errc::invalid_request, "The id is in use."}; }

bool had_votes(const poll_entry& entry) { return entry.current().count.ledger().counted > 0; }

}  // namespace

base::result<domain::event> host_desk::add_event(domain::event event) {
    const auto* tenant = live_.tenant(event.tenant);
    if (!tenant) return no_tenant();
    if (live_.event(event.id)) return known_already();
    if (live_.event_by_code(event.code))
        return failure(errc::code_taken, "Another event has this code.");
    if (tenant->events.size() >= tenant->tenant->quotas.events)
        return failure(errc::quota_exceeded, "The tenant has as many events as it may have.");
    if (!file_.transact([&](rows& tables) { return tables.put(event, 0); }))
        return journal::unavailable();
    live_.put_event(event, 0);
    feed_.tell(live_.event(event.id)->event);
    return event;
}

base::result<domain::event> host_desk::change_event(const base::event_id& id,
                                                    const ports::event_patch& patch) {
    const auto* entry = live_.event(id);
    if (!entry) return no_event();
    const auto after = domain::patched(*entry->event, patch);
    const auto owner = live_.event_by_code(after.code);
    if (owner && *owner != id) return failure(errc::code_taken, "Another event has this code.");
    if (after.revision == entry->event->revision) return after;
    const auto taken = entry->numbers_taken;
    if (!file_.transact([&](rows& tables) { return tables.put(after, taken); }))
        return journal::unavailable();
    live_.put_event(after, taken);
    feed_.tell(live_.event(id)->event);
    return after;
}

base::result<void> host_desk::remove_event(const base::event_id& id) {
    const auto* entry = live_.event(id);
    if (!entry) return no_event();
    const auto polls = entry->polls;
    const bool gone = file_.transact([&](rows& tables) {
        return std::ranges::all_of(polls,
                                   [&](const auto& poll) { return tables.remove_poll(poll); }) &&
               tables.remove_event(id);
    });
    if (!gone) return journal::unavailable();
    forget_event(id);
    return {};
}

base::result<domain::poll> host_desk::add_poll(domain::poll poll) {
    const auto* event = live_.event(poll.event);
    if (!event) return no_event();
    if (live_.poll(poll.id)) return known_already();
    const auto& tenant = *live_.tenant(event->event->tenant)->tenant;
    if (event->polls.size() >= tenant.quotas.polls_per_event)
        return failure(errc::quota_exceeded, "The event has as many polls as it may have.");
    auto definition = domain::checked(std::move(poll.definition));
    if (!definition) return definition.error();
    poll.definition = std::move(*definition);
    poll.tenant = tenant.id;
    poll.round = 1;
    poll.ballot_revision = poll.revision;
    const bool kept = file_.transact([&](rows& tables) {
        return tables.put(poll) && tables.put(poll.id, 1, domain::ledger{}, 0);
    });
    if (!kept) return journal::unavailable();
    auto& entry = live_.put_poll(poll);
    state::add_round(entry, poll.definition, 0);
    feed_.poll_changed(entry);
    return poll;
}

base::result<domain::poll> host_desk::change_poll(const base::poll_id& id,
                                                  const ports::poll_patch& patch) {
    auto* entry = live_.poll(id);
    if (!entry) return no_poll();
    const auto& before = *entry->poll;
    const auto after = domain::patched(before, patch, had_votes(*entry));
    if (!after) return after.error();
    if (after->revision == before.revision) return *after;
    return settle(*entry, *after, domain::changes_ballots(before.definition, after->definition));
}

base::result<void> host_desk::remove_poll(const base::poll_id& id) {
    if (!live_.poll(id)) return no_poll();
    if (!file_.transact([&](rows& tables) { return tables.remove_poll(id); }))
        return journal::unavailable();
    forget_poll(id);
    return {};
}

base::result<domain::poll> host_desk::move_poll(const base::poll_id& id, domain::transition what,
                                                std::optional<base::milliseconds> duration,
                                                base::wall_time now) {
    auto* entry = live_.poll(id);
    if (!entry) return no_poll();
    const domain::transition_options options{.duration = duration,
                                             .round_has_votes = had_votes(*entry)};
    const auto after = domain::step(*entry->poll, what, options, now);
    if (!after) return after.error();
    if (after->revision == entry->poll->revision) return *after;
    return settle(*entry, *after, false);
}

base::result<domain::poll> host_desk::settle(poll_entry& entry, const domain::poll& after,
                                             bool new_meaning) {
    auto& round = entry.current();
    const bool next_round = after.round != entry.poll->round;
    const auto version = round.count.version() + 1;  // never falls, not even over rounds
    const auto ledger = next_round ? domain::ledger{} : round.count.ledger();
    const bool kept = file_.transact([&](rows& tables) {
        return tables.put(after) && tables.put(after.id, after.round, ledger, version);
    });
    if (!kept) return journal::unavailable();

    if (next_round) state::add_round(entry, after.definition, version);
    else if (new_meaning) round.count = domain::poll_round(after.definition, after.round, version);
    entry.current().count.restore(ledger, version);
    live_.put_poll(after);
    feed_.poll_changed(entry);
    return after;
}

void host_desk::move_due(base::wall_time now) {
    for (auto next = live_.next_due(); next && next->first <= now; next = live_.next_due()) {
        auto& entry = *live_.poll(next->second);
        if (const auto after = domain::due(*entry.poll, now); !after) live_.unschedule(entry);
        else if (!settle(entry, *after, false)) return;
    }
}

base::result<ports::number_block> host_desk::take_numbers(const base::event_id& id,
                                                          std::uint64_t count) {
    const auto* entry = live_.event(id);
    if (!entry) return no_event();
    if (count == 0) return failure(errc::invalid_request, "At least one number must be asked for.");
    const auto quota = std::min(live_.tenant(entry->event->tenant)->tenant->quotas.voters_per_event,
                                max_voter_number);
    const auto taken = entry->numbers_taken;
    if (taken >= quota)
        return failure(errc::quota_exceeded, "The event has as many voters as it may have.");
    const auto given = std::min(count, quota - taken);
    const auto& event = *entry->event;
    if (!file_.transact([&](rows& tables) { return tables.put(event, taken + given); }))
        return journal::unavailable();
    live_.set_numbers_taken(id, taken + given);
    return ports::number_block{taken + 1, given};
}

base::result<domain::tenant> host_desk::add_tenant(domain::tenant tenant) {
    if (const auto* known = live_.tenant(tenant.id)) return *known->tenant;
    if (!file_.transact([&](rows& tables) { return tables.put(tenant); }))
        return journal::unavailable();
    live_.put_tenant(tenant);
    feed_.tell(live_.tenant(tenant.id)->tenant);
    return tenant;
}

base::result<domain::tenant> host_desk::change_tenant(const base::tenant_id& id,
                                                      const ports::tenant_patch& patch) {
    const auto* entry = live_.tenant(id);
    if (!entry) return no_tenant();
    const auto after = domain::patched(*entry->tenant, patch);
    if (!file_.transact([&](rows& tables) { return tables.put(after); }))
        return journal::unavailable();
    live_.put_tenant(after);
    feed_.tell(live_.tenant(id)->tenant);
    return after;
}

base::result<void> host_desk::remove_tenant(const base::tenant_id& id) {
    const auto* entry = live_.tenant(id);
    if (!entry) return no_tenant();
    const auto events = entry->events;  // copies: the entry goes with its tenant
    const auto keys = entry->keys;
    const auto remove_event = [&](rows& tables, const base::event_id& event) {
        return std::ranges::all_of(live_.event(event)->polls,
                                   [&](const auto& p) { return tables.remove_poll(p); }) &&
               tables.remove_event(event);
    };
    const bool gone = file_.transact([&](rows& tables) {
        return std::ranges::all_of(
                   events, [&](const auto& event) { return remove_event(tables, event); }) &&
               std::ranges::all_of(keys, [&](const auto& key) { return tables.remove_key(key); }) &&
               tables.remove_tenant(id);
    });
    if (!gone) return journal::unavailable();
    for (const auto& key : keys) {
        live_.remove_key(key);
        feed_.tell(ports::key_removed{key});
    }
    for (const auto& event : events) forget_event(event);
    live_.remove_tenant(id);
    feed_.tell(ports::tenant_removed{id});
    return {};
}

base::result<domain::host_key> host_desk::add_key(domain::host_key key) {
    if (!live_.tenant(key.tenant)) return no_tenant();
    if (const auto known = live_.key_by_hash(key.hash)) return *known;
    if (live_.key(key.id)) return known_already();
    if (!file_.transact([&](rows& tables) { return tables.put(key); }))
        return journal::unavailable();
    live_.put_key(key);
    feed_.tell(live_.key(key.id));
    return key;
}

base::result<void> host_desk::remove_key(const base::tenant_id& tenant, const base::key_id& id) {
    const auto key = live_.key(id);
    if (!key || key->tenant != tenant)
        return failure(errc::key_not_found, "The tenant has no such key.");
    if (!file_.transact([&](rows& tables) { return tables.remove_key(id); }))
        return journal::unavailable();
    live_.remove_key(id);
    feed_.tell(ports::key_removed{id});
    return {};
}

base::result<domain::flag> host_desk::set_flag(domain::flag flag) {
    if (!file_.transact([&](rows& tables) { return tables.put(flag); }))
        return journal::unavailable();
    live_.put_flag(flag);
    feed_.tell(live_.flags().at(flag.which));
    return flag;
}

void host_desk::forget_poll(const base::poll_id& id) {
    const auto event = live_.poll(id)->poll->event;
    live_.remove_poll(id);
    feed_.tell(ports::poll_removed{id, event});
}

void host_desk::forget_event(const base::event_id& id) {
    const auto polls = live_.event(id)->polls;
    feed_.tell(ports::event_removed{id});
    for (const auto& poll : polls) forget_poll(poll);
    live_.remove_event(id);
}

}  // namespace tallycast::embedded
