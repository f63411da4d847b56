#include <tallycast/wire/host_json.hpp>

#include "poll_members.hpp"

#include <array>
#include <cstddef>

namespace tallycast::wire {

namespace {

// In the order of domain::rejection.
constexpr std::array<std::string_view, domain::rejection_kinds> rejection_names{
    "invalid",       "unauthorised", "not_open",   "late",
    "already_voted", "limited",      "overloaded", "store"};

void append_members(object_writer& to, const domain::event& event) {
    to.text("id", event.id.str()).text("title", event.title).text("code", event.code);
    object_writer settings{to.value_of("settings")};
    settings.text("locale", event.settings.locale);
    const auto look = [&](std::string_view name, const std::string& value) {
        value.empty() ? settings.null(name) : settings.text(name, value);
    };
    look("accent", event.settings.accent);
    look("logo", event.settings.logo);
    settings.close();
    to.time("created_at", event.created_at);
}

void append_options(std::string& out, const std::vector<domain::option>& options) {
    out += '[';
    for (std::size_t i = 0; i < options.size(); ++i) {
        if (i > 0) out += ',';
        object_writer option{out};
        option.text("id", options[i].id).text("label", options[i].label).close();
    }
    out += ']';
}

void append_rules(std::string& out, const domain::rules& rules) {
    object_writer to{out};
    to.number("min_choices", unsigned{rules.min_choices})
        .number("max_choices", unsigned{rules.max_choices});
    to.truth("allow_change", rules.allow_change);
    rules.scale ? to.number("scale", unsigned{*rules.scale}) : to.null("scale");
    to.close();
}

}  // namespace

void append_members(object_writer& to, const domain::poll& poll, std::string_view type_name) {
    const auto& d = poll.definition;
    to.text("id", poll.id.str()).text("event", poll.event.str()).text(type_name, name(d.type));
    to.text("question", d.question).text("status", name(poll.status)).number("round", poll.round);
    to.number("revision", poll.revision);
    append_options(to.value_of("options"), d.options);
    append_rules(to.value_of("rules"), d.rules);
    to.text("results", name(d.results)).time("opens_at", d.opens_at).time("closes_at", d.closes_at);
    to.number("grace_ms", d.grace.count())
        .number("position", poll.position)
        .time("created_at", poll.created_at);
    to.time("opened_at", poll.opened_at).time("closed_at", poll.closed_at);
}

void append_ids(std::string& out, const domain::poll_definition& definition, domain::ballot vote) {
    char before = '[';
    for (const auto option : domain::choices_of(definition, vote)) {
        out += before;
        append_quoted(out, definition.options.at(option).id);
        before = ',';
    }
    out += before == '[' ? "[]" : "]";
}

std::string write_event(const domain::event& event) {
    std::string out;
    object_writer to{out};
    append_members(to, event);
    to.close();
    return out;
}

std::string write_poll(const domain::poll& poll) {
    std::string out;
    object_writer to{out};
    append_members(to, poll);
    to.close();
    return out;
}

std::string write_tenant(const domain::tenant& tenant) {
    std::string out;
    object_writer to{out};
    to.text("id", tenant.id.str()).text("name", tenant.name);
    object_writer quotas{to.value_of("quotas")};
    quotas.number("events", tenant.quotas.events)
        .number("polls_per_event", tenant.quotas.polls_per_event);
    quotas.number("voters_per_event", tenant.quotas.voters_per_event).close();
    to.time("created_at", tenant.created_at).close();
    return out;
}

std::string write_key(const domain::host_key& key, const std::optional<std::string>& secret) {
    std::string out;
    object_writer to{out};
    to.text("id", key.id.str())
        .text("prefix", key.prefix)
        .text("label", key.label)
        .time("created_at", key.created_at);
    if (secret) to.text("key", *secret);
    to.close();
    return out;
}

std::string write_session(const domain::tenant& tenant, const domain::host_key& key) {
    std::string out;
    object_writer to{out};
    object_writer owner{to.value_of("tenant")};
    owner.text("id", tenant.id.str()).text("name", tenant.name).close();
    object_writer by{to.value_of("key")};
    by.text("id", key.id.str()).text("prefix", key.prefix).text("label", key.label).close();
    to.close();
    return out;
}

std::string write_invitation(const domain::event& event, std::string_view url,
                             const std::optional<qr_code>& qr) {
    std::string out;
    object_writer to{out};
    to.text("event", event.id.str()).text("code", event.code).text("url", url);
    if (qr) {
        object_writer drawn{to.value_of("qr")};
        drawn.number("size", qr->size()).text("path", qr->path()).close();
    } else {
        to.null("qr");
    }
    to.close();
    return out;
}

std::string write_connections(const base::event_id& event, std::size_t connections,
                              base::wall_time server_time) {
    std::string out;
    object_writer to{out};
    to.text("event", event.str()).number("connections", connections);
    to.time("server_time", server_time).close();
    return out;
}

std::string write_list(std::span<const std::string> items,
                       const std::optional<std::string>& next_cursor) {
    std::string out;
    object_writer to{out};
    to.array("items", items);
    next_cursor ? to.text("next_cursor", *next_cursor) : to.null("next_cursor");
    to.close();
    return out;
}

std::string write_ledger(const domain::ledger& ledger, const base::poll_id& poll,
                         std::uint32_t round) {
    std::string out;
    object_writer to{out};
    to.text("poll", poll.str()).number("round", round).number("received", ledger.received);
    to.number("counted", ledger.counted).number("changed", ledger.changed);
    to.number("replayed", ledger.replayed).number("withdrawn", ledger.withdrawn);
    object_writer rejected{to.value_of("rejected")};
    for (std::size_t i = 0; i < rejection_names.size(); ++i)
        rejected.number(rejection_names[i], ledger.rejected[i]);
    rejected.close();
    to.number("voters", domain::voters(ledger)).truth("balanced", domain::balances(ledger)).close();
    return out;
}

std::string write_watcher(std::string_view token, base::wall_time expires_at) {
    std::string out;
    object_writer to{out};
    to.text("token", token).time("expires_at", expires_at).close();
    return out;
}

std::string write_join(const domain::event& event, std::span<const std::string> polls,
                       std::string_view token, base::voter_number number,
                       base::wall_time expires_at) {
    std::string out;
    object_writer to{out};
    to.raw("event", write_event(event)).array("polls", polls);
    object_writer voter{to.value_of("voter")};
    voter.text("token", token)
        .number("number", number.value)
        .time("expires_at", expires_at)
        .close();
    to.close();
    return out;
}

std::string write_event_view(const domain::event& event, std::span<const std::string> polls,
                             std::span<const std::string> results, std::string_view notice) {
    std::string out;
    object_writer to{out};
    append_members(to, event);
    to.array("polls", polls).array("results", results);
    if (!notice.empty()) to.text("notice", notice);
    to.close();
    return out;
}

}  // namespace tallycast::wire
