// The readers of host_body.hpp for polls.

#include <tallycast/wire/host_body.hpp>

#include "body_of.hpp"
#include "plain_text.hpp"

#include <cstdint>
#include <limits>
#include <map>

namespace tallycast::wire {

namespace {

using nlohmann::json;
using failure_slot = std::optional<base::failure>;

std::optional<domain::poll_type> read_type(member_reader& from) {
    const auto name = from.optional_text("type", {20});
    if (!name) return std::nullopt;
    const auto type = domain::poll_type_of(*name);
    if (!type) from.refuse("type", "single, multiple, rating or ranking.");
    return type;
}

std::optional<domain::visibility> read_visibility(member_reader& from, body_kind kind) {
    if (resets(from, "results", kind)) return domain::poll_definition{}.results;
    const auto name = from.optional_text("results", {20});
    if (!name) return std::nullopt;
    const auto rule = domain::visibility_of(*name);
    if (!rule) from.refuse("results", "always, after_vote, after_close or never.");
    return rule;
}

// {"id"?,"label"} or the label alone.
domain::option read_option(const json& item, const std::string& path, failure_slot& failed) {
    if (item.is_string()) {
        const json object{{"label", item}};
        member_reader from{object, path + '.', {"label"}, failed};
        return {"", from.text("label", {domain::max_label_characters})};
    }
    member_reader from{item, path + '.', {"id", "label"}, failed};
    domain::option option;
    option.id = from.optional_text("id", {base::id_max_length}).value_or("");
    option.label = from.text("label", {domain::max_label_characters});
    return option;
}

std::optional<std::vector<domain::option>> read_options(member_reader& body, failure_slot& failed) {
    const auto* list = body.array("options");
    if (list == nullptr) return std::nullopt;
    if (list->size() > domain::max_options) body.refuse("options", "at most 64.");
    std::vector<domain::option> options;
    std::map<std::string, std::size_t> looks;
    for (std::size_t i = 0; i < list->size() && !failed; ++i) {
        const auto path = "options[" + std::to_string(i) + ']';
        options.push_back(read_option((*list)[i], path, failed));
        const auto [same, is_new] = looks.emplace(look_of(options.back().label), i);
        if (!is_new)
            body.refuse(path + ".label",
                        "looks the same as options[" + std::to_string(same->second) + "].label.");
    }
    return options;
}

domain::rules_patch read_rules(member_reader& body, body_kind kind, failure_slot& failed) {
    if (resets(body, "rules", kind)) return {0, 0, false, std::optional<std::uint8_t>{}};
    const auto* object = body.object("rules");
    if (object == nullptr) return {};
    member_reader from{
        *object, "rules.", {"min_choices", "max_choices", "allow_change", "scale"}, failed};
    const auto number = [&](std::string_view name, std::int64_t least, std::int64_t most) {
        const auto read = resets(from, name, kind) ? 0 : from.integer(name, least, most);
        return read ? std::optional(static_cast<std::uint8_t>(*read)) : std::nullopt;
    };
    domain::rules_patch rules;
    rules.min_choices = number("min_choices", 1, domain::max_options);
    rules.max_choices = number("max_choices", 1, domain::max_options);
    rules.allow_change = resets(from, "allow_change", kind) ? false : from.truth("allow_change");
    if (from.is_null("scale")) rules.scale = std::optional<std::uint8_t>{};
    else if (const auto scale = number("scale", 2, domain::max_scale)) rules.scale = scale;
    return rules;
}

using member_names = std::initializer_list<std::string_view>;
const member_names members_to_create{"type",    "question", "options",   "rules",
                                     "results", "opens_at", "closes_at", "grace_ms"};
const member_names members_to_change{"type",     "question",  "options",  "rules",    "results",
                                     "opens_at", "closes_at", "grace_ms", "position", "revision"};

ports::poll_patch read_members(const json& body, body_kind kind, failure_slot& failed) {
    const auto& known = kind == body_kind::patch ? members_to_change : members_to_create;
    member_reader from{body, "", known, failed};
    ports::poll_patch poll;
    poll.type = read_type(from);
    poll.question = from.optional_text("question", {domain::max_label_characters});
    poll.options = read_options(from, failed);
    poll.rules = read_rules(from, kind, failed);
    poll.results = read_visibility(from, kind);
    poll.opens_at = from.time("opens_at");
    poll.closes_at = from.time("closes_at");
    if (resets(from, "grace_ms", kind)) poll.grace = base::milliseconds{0};
    else if (const auto grace = from.integer("grace_ms", 0, domain::max_grace.count()))
        poll.grace = base::milliseconds{*grace};
    if (const auto position = from.integer("position", 0, domain::max_position))
        poll.position = static_cast<std::uint32_t>(*position);
    constexpr auto last_revision = std::numeric_limits<std::uint32_t>::max();
    if (const auto revision = from.integer("revision", 1, last_revision))
        poll.revision = static_cast<std::uint32_t>(*revision);
    return poll;
}

}  // namespace

base::result<ports::poll_patch> read_poll_patch(std::string_view text) {
    return read_body(text, empty_body::refused, [](const json& body, failure_slot& failed) {
        return read_members(body, body_kind::patch, failed);
    });
}

base::result<domain::poll_definition> read_poll_create(std::string_view text) {
    auto members = read_body(text, empty_body::refused, [](const json& body, failure_slot& failed) {
        auto poll = read_members(body, body_kind::whole, failed);
        for (const auto needed : {"type", "question"})
            if (!failed && !body.contains(needed))
                failed = base::failure{base::errc::invalid_request,
                                       std::string(needed) + ": this member is needed."};
        return poll;
    });
    if (!members) return members.error();
    return domain::checked(domain::patched(domain::poll_definition{}, *members));
}

}  // namespace tallycast::wire
