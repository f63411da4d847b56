#include <tallycast/wire/host_body.hpp>

#include "body_of.hpp"

#include <algorithm>
#include <limits>

namespace tallycast::wire {

namespace {

using nlohmann::json;
using failure_slot = std::optional<base::failure>;

constexpr std::size_t max_typed_code = 64;
constexpr std::size_t max_label = 100;
constexpr std::size_t max_host_key = 256;
constexpr std::size_t max_logo = 8192;  // every voter is sent it with the event
constexpr std::int64_t day_s = 24 * 60 * 60;

// A language tag (RFC 5646) by its outer form: subtags of 1 to 8 letters and digits, the first of 2
// to 8 letters.
bool is_language_tag(std::string_view tag) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto letter_or_digit = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
    if (tag.size() > 35) return false;
    for (bool first = true;; first = false) {
        const auto subtag = tag.substr(0, tag.find('-'));
        const bool fits = first ? subtag.size() >= 2 && std::ranges::all_of(subtag, letter)
                                : !subtag.empty() && std::ranges::all_of(subtag, letter_or_digit);
        if (!fits || subtag.size() > 8) return false;
        if (subtag.size() == tag.size()) return true;
        tag.remove_prefix(subtag.size() + 1);
    }
}

bool is_colour(std::string_view text) {
    const auto is_hex = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    };
    return text.size() == 7 && text[0] == '#' && std::ranges::all_of(text.substr(1), is_hex);
}

// Nothing that leads to another host, and nothing but an image: the pages put it into their <img>.
bool is_logo(std::string_view text) {
    constexpr std::string_view kinds[]{"png", "jpeg", "webp", "gif", "svg+xml"};
    constexpr std::size_t longest_path = 200;
    const auto is_base64 = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '+' || c == '/' || c == '=';
    };
    const auto is_of_path = [&](char c) {
        return is_base64(c) || c == '-' || c == '_' || c == '.' || c == '~' || c == '%';
    };
    if (text.starts_with('/'))
        return !text.starts_with("//") && text.size() <= longest_path &&
               std::ranges::all_of(text, is_of_path);
    return std::ranges::any_of(kinds, [&](std::string_view kind) {
        const auto head = "data:image/" + std::string(kind) + ";base64,";
        return text.size() > head.size() && text.starts_with(head) &&
               std::ranges::all_of(text.substr(head.size()), is_base64);
    });
}

// What an event may leave to the pages: null says so.
std::optional<std::string> read_look(member_reader& from, std::string_view name,
                                     std::size_t longest, bool (*fits)(std::string_view),
                                     std::string_view expected) {
    if (from.is_null(name)) return std::string{};
    auto text = from.optional_text(name, {longest});
    if (text && !fits(*text)) from.refuse(name, expected);
    return text;
}

domain::settings_patch read_settings(member_reader& body, body_kind kind, failure_slot& failed) {
    const domain::event_settings usual;
    if (resets(body, "settings", kind)) return {usual.locale, usual.accent, usual.logo};
    const auto* object = body.object("settings");
    if (object == nullptr) return {};
    member_reader from{*object, "settings.", {"locale", "accent", "logo"}, failed};
    domain::settings_patch settings;
    settings.accent =
        read_look(from, "accent", 7, is_colour, "a colour like #3a44c4, or null, is expected.");
    settings.logo = read_look(from, "logo", max_logo, is_logo,
                              "an image as data:image/…;base64,…, a path on this node, or null.");
    if (resets(from, "locale", kind)) settings.locale = usual.locale;
    else settings.locale = from.optional_text("locale", {35});
    if (settings.locale && !is_language_tag(*settings.locale))
        from.refuse("locale", "a language tag like en or pt-BR is expected.");
    return settings;
}

domain::quotas_patch read_quotas(member_reader& body, body_kind kind, failure_slot& failed) {
    const domain::quotas usual;
    if (resets(body, "quotas", kind))
        return {usual.events, usual.polls_per_event, usual.voters_per_event};
    const auto* object = body.object("quotas");
    if (object == nullptr) return {};
    member_reader from{
        *object, "quotas.", {"events", "polls_per_event", "voters_per_event"}, failed};
    const auto count = [&]<class Count>(std::string_view name, Count by_default) {
        constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
        if (resets(from, name, kind)) return std::optional(by_default);
        const auto read = from.integer(name, 0, most);
        return read ? std::optional(static_cast<Count>(*read)) : std::nullopt;
    };
    return {count("events", usual.events), count("polls_per_event", usual.polls_per_event),
            count("voters_per_event", usual.voters_per_event)};
}

}  // namespace

base::result<event_create> read_event_create(std::string_view text) {
    return read_body(text, empty_body::refused, [](const json& body, failure_slot& failed) {
        member_reader from{body, "", {"title", "code", "settings"}, failed};
        event_create event;
        event.title = from.text("title", {max_title_characters});
        event.code = from.optional_text("code", {max_typed_code});
        event.settings =
            domain::patched(event.settings, read_settings(from, body_kind::whole, failed));
        return event;
    });
}

base::result<ports::event_patch> read_event_patch(std::string_view text) {
    return read_body(text, empty_body::refused, [](const json& body, failure_slot& failed) {
        member_reader from{body, "", {"title", "code", "settings"}, failed};
        ports::event_patch patch;
        patch.title = from.optional_text("title", {max_title_characters});
        patch.code = from.optional_text("code", {max_typed_code});
        patch.settings = read_settings(from, body_kind::patch, failed);
        return patch;
    });
}

base::result<open_options> read_open_options(std::string_view text) {
    return read_body(text, empty_body::is_empty_object, [](const json& body, failure_slot& failed) {
        member_reader from{body, "", {"duration_ms"}, failed};
        open_options options;
        if (const auto duration = from.integer("duration_ms", 1, 31 * day_s * 1000))
            options.duration = base::milliseconds{*duration};
        return options;
    });
}

base::result<watcher_request> read_watcher_request(std::string_view text) {
    return read_body(text, empty_body::is_empty_object, [](const json& body, failure_slot& failed) {
        member_reader from{body, "", {"ttl_s"}, failed};
        watcher_request request;
        if (const auto ttl = from.integer("ttl_s", 60, 30 * day_s))
            request.ttl = std::chrono::seconds{*ttl};
        return request;
    });
}

base::result<join_request> read_join(std::string_view text) {
    return read_body(text, empty_body::refused, [](const json& body, failure_slot& failed) {
        member_reader from{body, "", {"code"}, failed};
        return join_request{from.text("code", {max_typed_code})};
    });
}

base::result<sign_in> read_sign_in(std::string_view text) {
    return read_body(text, empty_body::refused, [](const json& body, failure_slot& failed) {
        member_reader from{body, "", {"host_key"}, failed};
        return sign_in{from.text("host_key", {max_host_key})};
    });
}

base::result<tenant_create> read_tenant_create(std::string_view text) {
    return read_body(text, empty_body::refused, [](const json& body, failure_slot& failed) {
        member_reader from{body, "", {"name", "quotas"}, failed};
        tenant_create tenant;
        tenant.name = from.text("name", {max_label});
        tenant.quotas = domain::patched(tenant.quotas, read_quotas(from, body_kind::whole, failed));
        return tenant;
    });
}

base::result<ports::tenant_patch> read_tenant_patch(std::string_view text) {
    return read_body(text, empty_body::refused, [](const json& body, failure_slot& failed) {
        member_reader from{body, "", {"name", "quotas"}, failed};
        ports::tenant_patch patch;
        patch.name = from.optional_text("name", {max_label});
        patch.quotas = read_quotas(from, body_kind::patch, failed);
        return patch;
    });
}

base::result<key_create> read_key_create(std::string_view text) {
    return read_body(text, empty_body::is_empty_object, [](const json& body, failure_slot& failed) {
        member_reader from{body, "", {"label"}, failed};
        return key_create{from.optional_text("label", {max_label, true}).value_or("")};
    });
}

}  // namespace tallycast::wire
