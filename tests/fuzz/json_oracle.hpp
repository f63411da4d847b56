#pragma once
// A second opinion on JSON: another parser, with doubled members refused. For comparing with our
// readers.

#include <nlohmann/json.hpp>

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tallycast::fuzz {

// Nothing when the text is no JSON, or an object in it has a member twice.
inline std::optional<nlohmann::json> parsed_by_another(std::string_view text) {
    using nlohmann::json;
    // That parser takes a NUL for the end of the text, whatever follows.
    if (text.find('\0') != std::string_view::npos) return std::nullopt;
    std::vector<std::set<std::string>> names;
    bool doubled = false;
    const auto watch = [&](int, json::parse_event_t event, json& value) {
        if (event == json::parse_event_t::object_start) names.emplace_back();
        if (event == json::parse_event_t::object_end) names.pop_back();
        if (event == json::parse_event_t::key) {
            doubled |= !names.back().insert(value.get_ref<const std::string&>()).second;
        }
        return true;
    };
    json value = json::parse(text, watch, false);
    if (value.is_discarded() || doubled) return std::nullopt;
    return value;
}

inline bool has_only(const nlohmann::json& object, const std::set<std::string>& known) {
    for (const auto& item : object.items()) {
        if (!known.contains(item.key())) return false;
    }
    return true;
}

inline bool is_list_of_strings(const nlohmann::json& value) {
    if (!value.is_array()) return false;
    for (const auto& item : value) {
        if (!item.is_string()) return false;
    }
    return true;
}

}  // namespace tallycast::fuzz
