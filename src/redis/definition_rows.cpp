#include "definition_rows.hpp"

#include <nlohmann/json.hpp>

namespace tallycast::redis {

namespace {

using nlohmann::json;

json time_of(base::wall_time at) { return at.time_since_epoch().count(); }
json time_of(const std::optional<base::wall_time>& at) { return at ? time_of(*at) : json(); }

base::wall_time time_at(const json& row, const char* member) {
    return base::wall_time(base::milliseconds(row.at(member).get<std::int64_t>()));
}
std::optional<base::wall_time> time_if(const json& row, const char* member) {
    return row.at(member).is_null() ? std::nullopt : std::optional(time_at(row, member));
}

template <class Id>
Id id_at(const json& row, const char* member) {
    return Id(row.at(member).get<std::string>());
}

// Texts were checked when they came in; one that was not is still no reason to throw.
std::string text_of(const json& row) {
    return row.dump(-1, ' ', false, json::error_handler_t::replace);
}

// A text from the outside never ends the process: what is not of the form is no row.
template <class T, class Read>
std::optional<T> parsed(std::string_view row, Read read) {
    try {
        return read(json::parse(row));
    } catch (const json::exception&) {
        return std::nullopt;
    } catch (const std::bad_optional_access&) {
        return std::nullopt;
    }
}

json options_of(const std::vector<domain::option>& options) {
    json all = json::array();
    for (const auto& o : options) all.push_back({{"id", o.id}, {"label", o.label}});
    return all;
}

json json_of(const domain::poll_definition& d) {
    return {{"type", domain::name(d.type)},
            {"question", d.question},
            {"options", options_of(d.options)},
            {"min_choices", d.rules.min_choices},
            {"max_choices", d.rules.max_choices},
            {"allow_change", d.rules.allow_change},
            {"scale", d.rules.scale ? json(*d.rules.scale) : json()},
            {"results", domain::name(d.results)},
            {"opens_at", time_of(d.opens_at)},
            {"closes_at", time_of(d.closes_at)},
            {"grace_ms", d.grace.count()}};
}

domain::poll_definition definition_of(const json& row) {
    domain::poll_definition d;
    d.type = domain::poll_type_of(row.at("type").get<std::string>()).value();
    d.question = row.at("question").get<std::string>();
    for (const auto& o : row.at("options"))
        d.options.push_back({o.at("id").get<std::string>(), o.at("label").get<std::string>()});
    d.rules.min_choices = row.at("min_choices").get<std::uint8_t>();
    d.rules.max_choices = row.at("max_choices").get<std::uint8_t>();
    d.rules.allow_change = row.at("allow_change").get<bool>();
    if (!row.at("scale").is_null()) d.rules.scale = row.at("scale").get<std::uint8_t>();
    d.results = domain::visibility_of(row.at("results").get<std::string>()).value();
    d.opens_at = time_if(row, "opens_at");
    d.closes_at = time_if(row, "closes_at");
    d.grace = base::milliseconds(row.at("grace_ms").get<std::int64_t>());
    return d;
}

json json_of(const poll_row& row) {
    const auto& p = row.poll;
    return {{"id", p.id.str()},
            {"event", p.event.str()},
            {"tenant", p.tenant.str()},
            {"definition", json_of(p.definition)},
            {"status", domain::name(p.status)},
            {"round", p.round},
            {"revision", p.revision},
            {"ballot_revision", row.ballot_revision},
            {"slices", p.slices},
            {"position", p.position},
            {"created_at", time_of(p.created_at)},
            {"opened_at", time_of(p.opened_at)},
            {"closed_at", time_of(p.closed_at)}};
}

poll_row poll_row_of(const json& r) {
    poll_row kept;
    auto& p = kept.poll;
    p.id = id_at<base::poll_id>(r, "id");
    p.event = id_at<base::event_id>(r, "event");
    p.tenant = id_at<base::tenant_id>(r, "tenant");
    p.definition = definition_of(r.at("definition"));
    p.status = domain::poll_status_of(r.at("status").get<std::string>()).value();
    p.round = r.at("round").get<std::uint32_t>();
    p.revision = r.at("revision").get<std::uint32_t>();
    kept.ballot_revision = r.at("ballot_revision").get<std::uint32_t>();
    p.slices = r.at("slices").get<std::uint16_t>();
    p.position = r.at("position").get<std::uint32_t>();
    p.created_at = time_at(r, "created_at");
    p.opened_at = time_if(r, "opened_at");
    p.closed_at = time_if(r, "closed_at");
    return kept;
}

}  // namespace

std::string row_of(const domain::tenant& t) {
    return text_of({{"id", t.id.str()},
                    {"name", t.name},
                    {"quotas",
                     {{"events", t.quotas.events},
                      {"polls_per_event", t.quotas.polls_per_event},
                      {"voters_per_event", t.quotas.voters_per_event}}},
                    {"created_at", time_of(t.created_at)}});
}

std::string row_of(const domain::host_key& k) {
    return text_of({{"id", k.id.str()},
                    {"tenant", k.tenant.str()},
                    {"hash", k.hash},
                    {"prefix", k.prefix},
                    {"label", k.label},
                    {"created_at", time_of(k.created_at)}});
}

std::string row_of(const domain::event& e) {
    return text_of({{"id", e.id.str()},
                    {"tenant", e.tenant.str()},
                    {"title", e.title},
                    {"code", e.code},
                    {"settings",
                     {{"locale", e.settings.locale},
                      {"accent", e.settings.accent},
                      {"logo", e.settings.logo}}},
                    {"revision", e.revision},
                    {"created_at", time_of(e.created_at)}});
}

std::string row_of(const domain::flag& f) {
    return text_of({{"name", domain::kind_of(f.which).name},
                    {"value", f.value ? json(domain::text_of(*f.value)) : json()},
                    {"changed_at", time_of(f.changed_at)}});
}

std::string row_of(const poll_row& row) { return text_of(json_of(row)); }

std::string row_of(const dropped_poll& dropped) {
    auto row = json_of(dropped.row);
    row["dropped_at"] = time_of(dropped.since);
    return text_of(row);
}

std::string row_of(const domain::poll_definition& definition) {
    return text_of(json_of(definition));
}

std::optional<domain::tenant> tenant_in(std::string_view row) {
    return parsed<domain::tenant>(row, [](const json& r) {
        const auto& q = r.at("quotas");
        return domain::tenant{
            .id = id_at<base::tenant_id>(r, "id"),
            .name = r.at("name").get<std::string>(),
            .quotas = {.events = q.at("events").get<std::uint32_t>(),
                       .polls_per_event = q.at("polls_per_event").get<std::uint32_t>(),
                       .voters_per_event = q.at("voters_per_event").get<std::uint64_t>()},
            .created_at = time_at(r, "created_at")};
    });
}

std::optional<domain::host_key> key_in(std::string_view row) {
    return parsed<domain::host_key>(row, [](const json& r) {
        return domain::host_key{.id = id_at<base::key_id>(r, "id"),
                                .tenant = id_at<base::tenant_id>(r, "tenant"),
                                .hash = r.at("hash").get<std::string>(),
                                .prefix = r.at("prefix").get<std::string>(),
                                .label = r.at("label").get<std::string>(),
                                .created_at = time_at(r, "created_at")};
    });
}

std::optional<domain::flag> flag_in(std::string_view row) {
    return parsed<domain::flag>(row, [](const json& r) {
        const auto which = domain::flag_named(r.at("name").get<std::string>()).value();
        domain::flag f{which, std::nullopt, time_at(r, "changed_at")};
        if (!r.at("value").is_null())
            f.value = domain::flag_value_in(which, r.at("value").get<std::string>()).value();
        return f;
    });
}

std::optional<domain::event> event_in(std::string_view row) {
    return parsed<domain::event>(row, [](const json& r) {
        domain::event e;
        e.id = id_at<base::event_id>(r, "id");
        e.tenant = id_at<base::tenant_id>(r, "tenant");
        e.title = r.at("title").get<std::string>();
        e.code = r.at("code").get<std::string>();
        const auto& settings = r.at("settings");
        e.settings.locale = settings.at("locale").get<std::string>();
        e.settings.accent = settings.value("accent", std::string{});
        e.settings.logo = settings.value("logo", std::string{});
        e.revision = r.at("revision").get<std::uint32_t>();
        e.created_at = time_at(r, "created_at");
        return e;
    });
}

std::optional<poll_row> poll_in(std::string_view row) { return parsed<poll_row>(row, poll_row_of); }

std::optional<dropped_poll> dropped_in(std::string_view row) {
    return parsed<dropped_poll>(row, [](const json& r) {
        dropped_poll dropped{poll_row_of(r)};
        if (r.contains("dropped_at")) dropped.since = time_at(r, "dropped_at");
        return dropped;
    });
}

std::optional<domain::poll_definition> definition_in(std::string_view row) {
    return parsed<domain::poll_definition>(row, definition_of);
}

}  // namespace tallycast::redis
