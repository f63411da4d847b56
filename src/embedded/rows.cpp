#include "rows.hpp"

#include <optional>

namespace tallycast::embedded {

namespace {

std::int64_t as_integer(base::wall_time at) { return at.time_since_epoch().count(); }

std::optional<std::int64_t> as_integer(const std::optional<base::wall_time>& at) {
    return at ? std::optional(as_integer(*at)) : std::nullopt;
}

// Counters beyond 2^63 do not happen; a quota may be "all there are" and comes back the same.
std::int64_t as_integer(std::uint64_t value) { return static_cast<std::int64_t>(value); }

}  // namespace

bool rows::prepare(const database& db) {
    return put_tenant_.prepare(db, "INSERT OR REPLACE INTO tenant VALUES(?,?,?,?,?,?)") &&
           put_key_.prepare(db, "INSERT INTO host_key VALUES(?,?,?,?,?,?)") &&
           put_flag_.prepare(db, "INSERT OR REPLACE INTO flag VALUES(?,?,?,?)") &&
           put_event_.prepare(
               db,
               "INSERT INTO event VALUES(?,?,?,?,?,?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET "
               "title=excluded.title, code=excluded.code, locale=excluded.locale, "
               "revision=excluded.revision, numbers_taken=excluded.numbers_taken, "
               "accent=excluded.accent, logo=excluded.logo") &&
           put_poll_.prepare(db, "INSERT OR REPLACE INTO poll VALUES(?,?,?,?,?,?,?,?,?,?,?)") &&
           put_round_.prepare(db, "INSERT OR REPLACE INTO round VALUES(?,?,?,?,?,?,?,?,?,?,?,?)") &&
           put_option_.prepare(db, "INSERT INTO option VALUES(?,?,?,?,?)") &&
           put_ledger_.prepare(
               db, "INSERT OR REPLACE INTO ledger VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)") &&
           append_log_.prepare(db, "INSERT INTO vote_log(poll, round, actions) VALUES(?,?,?)") &&
           try_.prepare(db, "INSERT OR REPLACE INTO trial VALUES(1,?)") &&
           remove_tenant_.prepare(db, "DELETE FROM tenant WHERE id=?") &&
           remove_key_.prepare(db, "DELETE FROM host_key WHERE id=?") &&
           remove_event_.prepare(db, "DELETE FROM event WHERE id=?") &&
           remove_poll_.prepare(db, "DELETE FROM poll WHERE id=?") &&
           remove_rounds_.prepare(db, "DELETE FROM round WHERE poll=?") &&
           remove_options_.prepare(db, "DELETE FROM option WHERE poll=?") &&
           remove_ledgers_.prepare(db, "DELETE FROM ledger WHERE poll=?") &&
           remove_log_.prepare(db, "DELETE FROM vote_log WHERE poll=?") &&
           clear_options_.prepare(db, "DELETE FROM option WHERE poll=? AND round=?");
}

bool rows::put(const domain::tenant& tenant) {
    const auto& q = tenant.quotas;
    return put_tenant_.run(tenant.id.str(), tenant.name, std::int64_t{q.events},
                           std::int64_t{q.polls_per_event}, as_integer(q.voters_per_event),
                           as_integer(tenant.created_at));
}

bool rows::put(const domain::host_key& key) {
    return put_key_.run(key.id.str(), key.tenant.str(), key.hash, key.prefix, key.label,
                        as_integer(key.created_at));
}

bool rows::put(const domain::flag& flag) {
    const auto text = flag.value ? domain::text_of(*flag.value) : std::string{};
    return put_flag_.run(domain::kind_of(flag.which).name, std::int64_t{flag.value.has_value()},
                         text, as_integer(flag.changed_at));
}

bool rows::put(const domain::event& event, std::uint64_t numbers_taken) {
    return put_event_.run(event.id.str(), event.tenant.str(), event.title, event.code,
                          event.settings.locale, std::int64_t{event.revision},
                          as_integer(event.created_at), as_integer(numbers_taken),
                          event.settings.accent, event.settings.logo);
}

bool rows::put(const domain::poll& poll) {
    return put_poll_.run(poll.id.str(), poll.event.str(), poll.tenant.str(),
                         static_cast<std::int64_t>(poll.status), std::int64_t{poll.round},
                         std::int64_t{poll.revision}, std::int64_t{poll.ballot_revision},
                         as_integer(poll.created_at), as_integer(poll.opened_at),
                         as_integer(poll.closed_at), std::int64_t{poll.position}) &&
           put_definition(poll);
}

bool rows::put_definition(const domain::poll& poll) {
    const auto& d = poll.definition;
    const auto& r = d.rules;
    const std::int64_t round = poll.round;
    const auto scale = r.scale ? std::optional<std::int64_t>(*r.scale) : std::nullopt;
    bool done = put_round_.run(poll.id.str(), round, static_cast<std::int64_t>(d.type), d.question,
                               std::int64_t{r.min_choices}, std::int64_t{r.max_choices},
                               std::int64_t{r.allow_change}, scale,
                               static_cast<std::int64_t>(d.results), as_integer(d.opens_at),
                               as_integer(d.closes_at), std::int64_t{d.grace.count()}) &&
                clear_options_.run(poll.id.str(), round);
    std::int64_t place = 0;
    for (const auto& option : d.options)
        done = done && put_option_.run(poll.id.str(), round, place++, option.id, option.label);
    return done;
}

bool rows::put(const base::poll_id& poll, std::uint32_t round, const domain::ledger& ledger,
               std::uint64_t version) {
    const auto refused = [&](domain::rejection why) { return as_integer(ledger.of(why)); };
    using enum domain::rejection;
    return put_ledger_.run(poll.str(), std::int64_t{round}, as_integer(version),
                           as_integer(ledger.received), as_integer(ledger.counted),
                           as_integer(ledger.changed), as_integer(ledger.replayed),
                           as_integer(ledger.withdrawn), refused(invalid), refused(unauthorised),
                           refused(not_open), refused(late), refused(already_voted),
                           refused(limited), refused(overloaded), refused(store));
}

bool rows::append_log(const base::poll_id& poll, std::uint32_t round, bytes actions) {
    return append_log_.run(poll.str(), std::int64_t{round}, actions);
}

bool rows::try_write(std::int64_t at) { return try_.run(at); }

bool rows::remove_poll(const base::poll_id& id) {
    return remove_poll_.run(id.str()) && remove_rounds_.run(id.str()) &&
           remove_options_.run(id.str()) && remove_ledgers_.run(id.str()) &&
           remove_log_.run(id.str());
}

}  // namespace tallycast::embedded
