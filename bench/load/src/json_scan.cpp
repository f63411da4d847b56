#include <tallycast/load/json_scan.hpp>

#include <charconv>

namespace tallycast::load {

namespace {

std::size_t skip_space(std::string_view json, std::size_t at) {
    const auto found = json.find_first_not_of(" \t\r\n", at);
    return found == std::string_view::npos ? json.size() : found;
}

// Where the value of the next member of that name begins at or after `from`; npos when there is
// none.
std::size_t value_of(std::string_view json, std::string_view name, std::size_t from) {
    for (auto at = json.find(name, from); at != std::string_view::npos;
         at = json.find(name, at + 1)) {
        const auto end = at + name.size();
        if (at == 0 || json[at - 1] != '"' || end >= json.size() || json[end] != '"') continue;
        const auto colon = skip_space(json, end + 1);
        if (colon < json.size() && json[colon] == ':') return skip_space(json, colon + 1);
    }
    return std::string_view::npos;
}

}  // namespace

std::optional<std::string_view> text_member(std::string_view json, std::string_view name) {
    for (auto at = value_of(json, name, 0); at < json.size(); at = value_of(json, name, at)) {
        if (json[at] != '"') continue;
        const auto end = json.find('"', at + 1);
        if (end == std::string_view::npos) return std::nullopt;
        return json.substr(at + 1, end - at - 1);
    }
    return std::nullopt;
}

std::optional<std::uint64_t> number_member(std::string_view json, std::string_view name) {
    for (auto at = value_of(json, name, 0); at < json.size(); at = value_of(json, name, at)) {
        std::uint64_t value = 0;
        const auto [end, error] =
            std::from_chars(json.data() + at, json.data() + json.size(), value);
        if (error == std::errc{}) return value;
    }
    return std::nullopt;
}

}  // namespace tallycast::load
