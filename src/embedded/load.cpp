#include "load.hpp"

#include "data_file.hpp"
#include "schema.hpp"

#include <tallycast/domain/ledger.hpp>
#include <tallycast/embedded/log_codec.hpp>

#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tallycast::embedded {

namespace {

base::wall_time as_time(std::int64_t ms) { return base::wall_time(base::milliseconds(ms)); }

std::optional<base::wall_time> as_time(std::optional<std::int64_t> ms) {
    return ms ? std::optional(as_time(*ms)) : std::nullopt;
}

// Whether the word may be a ballot of this poll: nothing in it points past the options.
bool fits(const domain::poll_definition& d, domain::ballot vote) {
    const auto options = d.options.size();
    switch (d.type) {
        case domain::poll_type::single: return vote.bits <= options;
        case domain::poll_type::multiple: return options >= 64 || (vote.bits >> options) == 0;
        case domain::poll_type::rating: return vote.bits <= d.rules.scale.value_or(0);
        case domain::poll_type::ranking: break;
    }
    std::size_t ranks = 0;
    for (auto left = vote.bits; left != 0; left >>= 4, ++ranks)
        if ((left & 0xf) == 0 || (left & 0xf) > options) return false;
    return ranks <= d.rules.max_choices;
}

class loader {
public:
    explicit loader(database& db) : db_(db) {}

    bool run() {
        return secret() && flags() && tenants() && keys() && events() && rounds() && polls() &&
               votes() && agree();
    }
    state take() { return std::move(state_); }
    std::string why() const { return why_.empty() ? "it is damaged: " + db_.error() : why_; }

private:
    bool wrong(std::string what) {
        why_ = "it is damaged: " + std::move(what);
        return false;
    }

    // Calls `each(row)` for every row until it answers false.
    template <class Each>
    bool every_row(const std::string& sql, Each each) {
        statement query;
        if (!query.prepare(db_, sql)) return false;
        while (query.next())
            if (!each(query)) return false;
        return !query.failed();
    }

    bool secret();
    bool flags();
    bool tenants();
    bool keys();
    bool events();
    bool rounds();
    bool round(const statement& row);
    bool options(const base::poll_id& poll, std::uint32_t round, std::vector<domain::option>& into);
    bool polls();
    bool poll(const statement& row);
    bool votes();
    bool apply(const statement& row);
    bool agree();
    bool agree(const poll_entry& entry, const kept_round& round);

    static std::string named(const base::poll_id& poll, std::uint32_t round) {
        return "round " + std::to_string(round) + " of poll " + poll.str();
    }

    database& db_;
    state state_;
    std::string why_;
    std::unordered_map<base::poll_id, std::vector<domain::poll_definition>> definitions_;
    std::unordered_map<const kept_round*, std::uint64_t> actions_;
};

bool loader::secret() {
    const bool read = every_row("SELECT bytes FROM secret", [&](auto& row) {
        const auto kept = row.blob(0);
        state_.put_secret(std::string(reinterpret_cast<const char*>(kept.data()), kept.size()));
        return true;
    });
    return read && (state_.secret().size() == secret_bytes || wrong("its secret is missing"));
}

// A flag of a newer version, or a value that is no longer one, is not there.
bool loader::flags() {
    if (db_.number("PRAGMA user_version") < 3) return true;
    return every_row("SELECT name, is_set, value, changed_at FROM flag", [&](auto& row) {
        const auto which = domain::flag_named(row.text(0));
        if (!which) return true;
        domain::flag flag{*which, std::nullopt, as_time(row.integer(3))};
        if (row.integer(1) != 0) flag.value = domain::flag_value_in(*which, row.text(2));
        state_.put_flag(std::move(flag));
        return true;
    });
}

bool loader::tenants() {
    return every_row(
        "SELECT id, name, max_events, max_polls, max_voters, created_at FROM tenant",
        [&](auto& row) {
            state_.put_tenant(
                {.id = base::tenant_id(row.text(0)),
                 .name = row.text(1),
                 .quotas = {.events = static_cast<std::uint32_t>(row.integer(2)),
                            .polls_per_event = static_cast<std::uint32_t>(row.integer(3)),
                            .voters_per_event = static_cast<std::uint64_t>(row.integer(4))},
                 .created_at = as_time(row.integer(5))});
            return true;
        });
}

bool loader::keys() {
    return every_row("SELECT id, tenant, hash, prefix, label, created_at FROM host_key",
                     [&](auto& row) {
                         domain::host_key key{.id = base::key_id(row.text(0)),
                                              .tenant = base::tenant_id(row.text(1)),
                                              .hash = row.text(2),
                                              .prefix = row.text(3),
                                              .label = row.text(4),
                                              .created_at = as_time(row.integer(5))};
                         if (!state_.tenant(key.tenant))
                             return wrong("key " + key.id.str() + " has no tenant");
                         state_.put_key(std::move(key));
                         return true;
                     });
}

bool loader::events() {
    const bool without_looks = db_.number("PRAGMA user_version") == 1;
    const auto sql = std::string("SELECT id, tenant, title, code, locale, revision, created_at, ") +
                     "numbers_taken, " + (without_looks ? "'', ''" : "accent, logo") +
                     " FROM event";
    return every_row(sql, [&](auto& row) {
        domain::event event{
            .id = base::event_id(row.text(0)),
            .tenant = base::tenant_id(row.text(1)),
            .title = row.text(2),
            .code = row.text(3),
            .settings = {.locale = row.text(4), .accent = row.text(8), .logo = row.text(9)},
            .revision = static_cast<std::uint32_t>(row.integer(5)),
            .created_at = as_time(row.integer(6))};
        if (!state_.tenant(event.tenant))
            return wrong("event " + event.id.str() + " has no tenant");
        state_.put_event(std::move(event), static_cast<std::uint64_t>(row.integer(7)));
        return true;
    });
}

bool loader::rounds() {
    const auto* sql =
        "SELECT poll, number, type, question, min_choices, max_choices, allow_change, scale, "
        "visibility, opens_at, "
        "closes_at, grace_ms FROM round ORDER BY poll, number";
    return every_row(sql, [&](auto& row) { return round(row); });
}

bool loader::round(const statement& row) {
    const base::poll_id poll(row.text(0));
    const auto number = static_cast<std::uint32_t>(row.integer(1));
    auto& known = definitions_[poll];
    const auto type = row.integer(2);
    const auto visibility = row.integer(8);
    if (number != known.size() + 1) return wrong(named(poll, number) + " follows no other");
    if (type < 1 || type > 4 || visibility < 1 || visibility > 4)
        return wrong(named(poll, number) + " is of no kind");

    domain::poll_definition d;
    d.type = static_cast<domain::poll_type>(type);
    d.question = row.text(3);
    d.rules.min_choices = static_cast<std::uint8_t>(row.integer(4));
    d.rules.max_choices = static_cast<std::uint8_t>(row.integer(5));
    d.rules.allow_change = row.integer(6) != 0;
    if (const auto scale = row.maybe_integer(7)) d.rules.scale = static_cast<std::uint8_t>(*scale);
    d.results = static_cast<domain::visibility>(visibility);
    d.opens_at = as_time(row.maybe_integer(9));
    d.closes_at = as_time(row.maybe_integer(10));
    d.grace = base::milliseconds(row.integer(11));
    if (!options(poll, number, d.options)) return false;
    if (auto right = domain::checked(d); !right)
        return wrong(named(poll, number) + ": " + right.error().detail);
    known.push_back(std::move(d));
    return true;
}

bool loader::options(const base::poll_id& poll, std::uint32_t round,
                     std::vector<domain::option>& into) {
    statement query;
    if (!query.prepare(db_, "SELECT id, label FROM option WHERE poll=? AND round=? ORDER BY place"))
        return false;
    if (!query.bind_all(poll.str(), std::int64_t{round})) return false;
    while (query.next()) into.push_back({query.text(0), query.text(1)});
    return !query.failed();
}

bool loader::polls() {
    const bool without_order = db_.number("PRAGMA user_version") == 1;
    const auto sql =
        std::string("SELECT id, event, tenant, status, round, revision, ballot_revision, ") +
        "created_at, opened_at, closed_at, " + (without_order ? "0" : "position") + " FROM poll";
    return every_row(sql, [&](auto& row) { return poll(row); });
}

bool loader::poll(const statement& row) {
    domain::poll p{.id = base::poll_id(row.text(0)),
                   .event = base::event_id(row.text(1)),
                   .tenant = base::tenant_id(row.text(2)),
                   .definition = {},
                   .status = static_cast<domain::poll_status>(row.integer(3)),
                   .round = static_cast<std::uint32_t>(row.integer(4)),
                   .revision = static_cast<std::uint32_t>(row.integer(5)),
                   .ballot_revision = static_cast<std::uint32_t>(row.integer(6)),
                   .position = static_cast<std::uint32_t>(row.integer(10)),
                   .created_at = as_time(row.integer(7)),
                   .opened_at = as_time(row.maybe_integer(8)),
                   .closed_at = as_time(row.maybe_integer(9))};
    const auto& definitions = definitions_[p.id];
    if (row.integer(3) < 1 || row.integer(3) > 5)
        return wrong("poll " + p.id.str() + " has no status");
    if (!state_.event(p.event)) return wrong("poll " + p.id.str() + " has no event");
    if (p.round == 0 || p.round != definitions.size())
        return wrong("rounds of poll " + p.id.str() + " are missing");

    p.definition = definitions.back();
    auto& entry = state_.put_poll(std::move(p));
    for (const auto& d : definitions) state::add_round(entry, d, 0);
    return true;
}

bool loader::votes() {
    return every_row("SELECT seq, poll, round, actions FROM vote_log ORDER BY seq",
                     [&](auto& row) { return apply(row); });
}

bool loader::apply(const statement& row) {
    const auto name = "row " + std::to_string(row.integer(0)) + " of the vote log";
    auto* entry = state_.poll(base::poll_id(row.text(1)));
    const auto number = row.integer(2);
    if (!entry || number < 1 || number > static_cast<std::int64_t>(entry->rounds.size()))
        return wrong(name + " belongs to no round");
    auto& round = *entry->rounds[static_cast<std::size_t>(number - 1)];
    auto& actions = actions_[&round];
    bool sound = true;
    const bool parsed = parse_actions(row.blob(3), [&](const logged_action& a) {
        sound = sound && a.voter.value <= max_voter_number && fits(round.definition, a.vote);
        if (!sound) return;
        round.count.apply_again({a.voter, round.count.sheet().read(a.voter), a.vote, a.tag});
        ++actions;
    });
    return parsed && sound ? true : wrong(name + " does not parse");
}

bool loader::agree() {
    const auto* sql =
        "SELECT poll, round, version, received, counted, changed, replayed, withdrawn, invalid, "
        "unauthorised, not_open, "
        "late, already_voted, limited, overloaded, store FROM ledger";
    const bool read = every_row(sql, [&](auto& row) {
        auto* entry = state_.poll(base::poll_id(row.text(0)));
        const auto number = static_cast<std::uint64_t>(row.integer(1));
        if (!entry || number < 1 || number > entry->rounds.size())
            return wrong("a ledger belongs to no round");
        const auto at = [&](int column) { return static_cast<std::uint64_t>(row.integer(column)); };
        domain::ledger l{.received = at(3),
                         .counted = at(4),
                         .changed = at(5),
                         .replayed = at(6),
                         .withdrawn = at(7),
                         .rejected = {}};
        for (std::size_t i = 0; i < domain::rejection_kinds; ++i)
            l.rejected[i] = at(8 + static_cast<int>(i));
        entry->rounds[number - 1]->count.restore(l, at(2));
        return true;
    });
    if (!read) return false;
    for (const auto& [id, entry] : state_.polls())
        for (const auto& round : entry.rounds)
            if (!agree(entry, *round)) return false;
    return true;
}

bool loader::agree(const poll_entry& entry, const kept_round& round) {
    const auto& count = round.count;
    const auto& l = count.ledger();
    const auto at = actions_.find(&round);
    const auto actions = at == actions_.end() ? 0 : at->second;
    const bool same = count.recount() == count.tally() &&
                      count.tally().voters() == domain::voters(l) &&
                      actions == l.counted + l.changed + l.withdrawn && count.version() >= actions;
    return same ? true
                : wrong("votes and ledger of " + named(entry.poll->id, count.number()) +
                        " disagree");
}

}  // namespace

base::result<state> load(database& db, const std::string& path) {
    loader reading(db);
    if (!reading.run()) return unusable(path, reading.why());
    return reading.take();
}

}  // namespace tallycast::embedded
