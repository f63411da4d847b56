#include "host_desk.hpp"

#include "place.hpp"
#include "replies.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace tallycast::redis {

namespace asio = boost::asio;

namespace {

using base::errc;
using base::failure;

constexpr std::chrono::milliseconds patience{2500};
constexpr int most_looks = 4;  // 400 ms each, for a replica to have what was written

// Numbers are given from 1 upwards; a slice's index has 32 bits.
constexpr std::uint64_t most_voters = std::uint64_t{1} << 32;

failure no_event() { return {errc::event_not_found, "There is no such event."}; }
failure no_tenant() { return {errc::tenant_not_found, "There is no such tenant."}; }
failure no_key() { return {errc::key_not_found, "The tenant has no such key."}; }
failure known_already() { return {errc::invalid_request, "The id is in use."}; }
failure code_taken() { return {errc::code_taken, "Another event has this code."}; }

std::string events_of(const base::tenant_id& tenant) { return "events:" + tenant.str(); }

}  // namespace

failure contended() {
    failure f{errc::overloaded, "Others change the same at this moment."};
    f.retry_after = base::milliseconds(100);
    return f;
}

// A busy replica is given more time than one WAIT: what comes later in the same history is there no
// sooner than this.
asio::awaitable<call_result<written>> host_desk::write_and_wait(pipeline what) {
    const auto at = slot_of(catalog_tag);
    auto work = redis_.write(at, std::move(what), patience, kept_by_);
    auto done = co_await std::move(work);
    for (int look = 0; done && !done->kept && look < most_looks; ++look) {
        pipeline later{command{"SET", catalog_key("confirmed"), "1"}};
        auto asking = redis_.write(at, std::move(later), patience, kept_by_);
        const auto seen = co_await std::move(asking);
        if (!seen || seen->replid != done->replid) break;
        done->kept = seen->kept;
    }
    co_return done;
}

ports::answer<host_desk::write_answer> host_desk::write(catalog_write what) {
    command define{"FCALL", what.function(), "10"};
    for (const auto* name : {"tenants", "keys", "events", "polls", "codes", "counts", "rounds",
                             "numbers", "dropped", "changes"})
        define.add(catalog_key(name));
    define.add(what.text());
    for (const auto& word : what.owner()) define.add(word);
    auto work = write_and_wait({std::move(define)});
    const auto answered = co_await std::move(work);
    if (!answered) co_return failure_of(answered.error());
    const auto& answer = answered->got.front();
    if (answer.is_error() || !answered->kept) co_return store_unavailable();
    auto fresh = co_await catalog_.catch_up();
    if (!fresh) co_return fresh.error();
    write_answer done;
    done.written = number_at(answer, 0) == 1;
    if (!done.written) done.failed_check = number_at(answer, 1);
    co_return done;
}

base::result<host_desk::plan<domain::event>> host_desk::with_event(
    const domain::event& event) const {
    const auto* tenant = known_.tenant(event.tenant);
    if (!tenant) return no_tenant();
    if (known_.event(event.id)) return known_already();
    if (known_.event_with_code(event.code)) return code_taken();
    const auto row = row_of(event);
    catalog_write what;
    what.is("tenants", event.tenant.str(), tenant->row);
    what.is("events", event.id.str(), std::nullopt).is("codes", event.code, std::nullopt);
    what.below("counts", events_of(event.tenant), tenant->tenant->quotas.events);
    what.set("events", event.id.str(), row).set("codes", event.code, event.id.str());
    what.add("counts", events_of(event.tenant), 1).tell(change_kind::event, row);
    return plan<domain::event>{
        event, std::move(what),
        failure(errc::quota_exceeded, "The tenant has as many events as it may have.")};
}

ports::answer<domain::event> host_desk::add_event(domain::event event) {
    return carried_out<domain::event>(
        [this, event = std::move(event)] { return with_event(event); });
}

base::result<host_desk::plan<domain::event>> host_desk::with_changed_event(
    const base::event_id& id, const domain::event_patch& patch) const {
    const auto* known = known_.event(id);
    if (!known) return no_event();
    const auto before = known->event;
    const auto after = domain::patched(*before, patch);
    const auto* owner = known_.event_with_code(after.code);
    if (owner && owner->event->id != id) return code_taken();
    if (after.revision == before->revision) return plan<domain::event>{after};
    const auto row = row_of(after);
    catalog_write what;
    what.is("events", id.str(), known->row);
    if (after.code != before->code) {
        what.is("codes", after.code, std::nullopt);
        what.remove("codes", before->code).set("codes", after.code, id.str());
    }
    what.set("events", id.str(), row).tell(change_kind::event, row);
    return plan<domain::event>{after, std::move(what)};
}

ports::answer<domain::event> host_desk::change_event(base::event_id id, domain::event_patch patch) {
    return carried_out<domain::event>([this, id = std::move(id), patch = std::move(patch)] {
        return with_changed_event(id, patch);
    });
}

void host_desk::remove_event_rows(catalog_write& what, const kept_event& kept, doomed& gone) const {
    const auto& event = *kept.event;
    what.though_full();
    what.tell(change_kind::event_removed, event.id.str());  // before its polls
    for (const auto& id : known_.polls_of(event.id)) remove_poll_rows(what, *known_.poll(id), gone);
    what.remove("events", event.id.str()).remove("codes", event.code);
    what.remove("numbers", event.id.str()).remove("counts", "polls:" + event.id.str());
    what.add("counts", events_of(event.tenant), -1);
    gone.events.push_back(event.id);
}

ports::answer<void> host_desk::removed(planner<doomed> decide) {
    auto work = carried_out<doomed>(std::move(decide));
    auto gone = co_await std::move(work);
    if (!gone) co_return gone.error();
    for (const auto& event : gone->events) highest_number_.erase(event);
    auto sweeping = sweep(std::move(gone->polls));
    co_await std::move(sweeping);
    co_return base::result<void>();
}

ports::answer<void> host_desk::remove_event(base::event_id id) {
    return removed([this, id = std::move(id)]() -> base::result<plan<doomed>> {
        const auto* known = known_.event(id);
        if (!known) return no_event();
        doomed gone;
        catalog_write what;
        what.is("events", id.str(), known->row)
            .untouched(catalog_.last_change(), "event", id.str());
        remove_event_rows(what, *known, gone);
        return plan<doomed>{std::move(gone), std::move(what)};
    });
}

ports::answer<ports::number_block> host_desk::take_numbers(base::event_id id, std::uint64_t count) {
    if (!known_.event(id)) {
        auto fresh = co_await catalog_.catch_up();
        if (!fresh) co_return fresh.error();
    }
    const auto* event = known_.event(id);
    if (!event) co_return no_event();
    if (count == 0)
        co_return failure(errc::invalid_request, "At least one number must be asked for.");
    const auto* tenant = known_.tenant(event->event->tenant);
    if (!tenant) co_return no_tenant();
    const auto quota = std::min(tenant->tenant->quotas.voters_per_event, most_voters);
    command numbers{"FCALL", "tallycast1_numbers", "2"};
    numbers.add(catalog_key("events")).add(catalog_key("numbers"));
    numbers.add(id.str()).add(std::min(count, most_voters)).add(quota).add(highest_number_[id]);
    auto work = write_and_wait({std::move(numbers)});
    const auto done = co_await std::move(work);
    if (!done) co_return failure_of(done.error());
    const auto& answer = done->got.front();
    switch (number_at(answer, 0)) {
        case 0: break;
        case 1: co_return no_event();
        case 2:
            co_return failure(errc::quota_exceeded, "The event has as many voters as it may have.");
        default: co_return store_unavailable();
    }
    const ports::number_block block{static_cast<std::uint64_t>(number_at(answer, 1)),
                                    static_cast<std::uint64_t>(number_at(answer, 2))};
    auto& highest = highest_number_[id];
    highest = std::max(highest, block.first + block.count - 1);
    // Numbers that a failover may have forgotten are given to nobody.
    if (!done->kept) co_return store_unavailable();
    co_return block;
}

ports::answer<domain::tenant> host_desk::add_tenant(domain::tenant tenant) {
    using planned = base::result<plan<domain::tenant>>;
    return carried_out<domain::tenant>([this, tenant = std::move(tenant)]() -> planned {
        if (const auto* known = known_.tenant(tenant.id))
            return plan<domain::tenant>{*known->tenant};
        const auto row = row_of(tenant);
        catalog_write what;
        what.is("tenants", tenant.id.str(), std::nullopt);
        what.set("tenants", tenant.id.str(), row).tell(change_kind::tenant, row);
        return plan<domain::tenant>{tenant, std::move(what)};
    });
}

ports::answer<domain::tenant> host_desk::change_tenant(base::tenant_id id,
                                                       domain::tenant_patch patch) {
    using planned = base::result<plan<domain::tenant>>;
    return carried_out<domain::tenant>(
        [this, id = std::move(id), patch = std::move(patch)]() -> planned {
            const auto* known = known_.tenant(id);
            if (!known) return no_tenant();
            const auto after = domain::patched(*known->tenant, patch);
            const auto row = row_of(after);
            catalog_write what;
            what.is("tenants", id.str(), known->row);
            what.set("tenants", id.str(), row).tell(change_kind::tenant, row);
            return plan<domain::tenant>{after, std::move(what)};
        });
}

base::result<host_desk::plan<host_desk::doomed>> host_desk::without_tenant(
    const base::tenant_id& id) const {
    const auto* known = known_.tenant(id);
    if (!known) return no_tenant();
    doomed gone;
    catalog_write what;
    what.though_full().is("tenants", id.str(), known->row);
    what.untouched(catalog_.last_change(), "tenant", id.str());
    for (const auto& key : known_.keys_of(id)) {
        what.remove("keys", key.str()).remove("codes", "key:" + known_.key(key)->key->hash);
        what.tell(change_kind::key_removed, key.str());
    }
    for (const auto& event : known_.events_of(id))
        remove_event_rows(what, *known_.event(event), gone);
    what.remove("counts", events_of(id)).remove("tenants", id.str());
    what.tell(change_kind::tenant_removed, id.str());
    return plan<doomed>{std::move(gone), std::move(what)};
}

ports::answer<void> host_desk::remove_tenant(base::tenant_id id) {
    return removed([this, id = std::move(id)] { return without_tenant(id); });
}

// The hash of a key is taken as a code is, so that the same key is one key.
base::result<host_desk::plan<domain::host_key>> host_desk::with_key(
    const domain::host_key& key) const {
    const auto* tenant = known_.tenant(key.tenant);
    if (!tenant) return no_tenant();
    if (const auto* known = known_.key_with_hash(key.hash))
        return plan<domain::host_key>{*known->key};
    if (known_.key(key.id)) return known_already();
    const auto row = row_of(key);
    catalog_write what;
    what.is("tenants", key.tenant.str(), tenant->row);
    what.is("keys", key.id.str(), std::nullopt).is("codes", "key:" + key.hash, std::nullopt);
    what.set("keys", key.id.str(), row).set("codes", "key:" + key.hash, key.id.str());
    what.tell(change_kind::key, row);
    return plan<domain::host_key>{key, std::move(what)};
}

ports::answer<domain::host_key> host_desk::add_key(domain::host_key key) {
    return carried_out<domain::host_key>([this, key = std::move(key)] { return with_key(key); });
}

ports::answer<void> host_desk::remove_key(base::tenant_id tenant, base::key_id id) {
    using planned = base::result<plan<doomed>>;
    return removed([this, tenant = std::move(tenant), id = std::move(id)]() -> planned {
        const auto* known = known_.key(id);
        if (!known || known->key->tenant != tenant) return no_key();
        catalog_write what;
        what.though_full().is("keys", id.str(), known->row);
        what.remove("keys", id.str()).remove("codes", "key:" + known->key->hash);
        what.tell(change_kind::key_removed, id.str());
        return plan<doomed>{{}, std::move(what)};
    });
}

ports::answer<domain::flag> host_desk::set_flag(domain::flag flag) {
    command set{"FCALL", "tallycast1_set_flag", "2"};
    set.add(catalog_key("flags")).add(catalog_key("changes"));
    set.add(domain::kind_of(flag.which).name).add(row_of(flag));
    auto work = write_and_wait({std::move(set)});
    const auto done = co_await std::move(work);
    if (!done) co_return failure_of(done.error());
    if (done->got.front().is_error() || !done->kept) co_return store_unavailable();
    auto fresh = co_await catalog_.catch_up();
    if (!fresh) co_return fresh.error();
    co_return flag;
}

ports::answer<std::string> host_desk::secret() {
    std::random_device random;  // the system's, fit for secrets
    std::string fresh(32, '\0');
    for (auto& byte : fresh) byte = static_cast<char>(random() & 0xff);
    const auto key = catalog_key("secret");
    pipeline calls{command{"SETNX", key, fresh}, command{"GET", key}};
    auto work = write_and_wait(std::move(calls));
    const auto done = co_await std::move(work);
    if (!done) co_return failure_of(done.error());
    const auto& kept = done->got.back().text;
    if (kept.size() != fresh.size() || !done->kept) co_return store_unavailable();
    co_return kept;
}

}  // namespace tallycast::redis
