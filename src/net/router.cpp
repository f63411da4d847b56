#include <tallycast/net/router.hpp>

#include <algorithm>
#include <iterator>
#include <optional>

namespace tallycast::net {

namespace http = boost::beast::http;

namespace {

std::string_view take_segment(std::string_view& rest) {
    const auto slash = rest.find('/');
    const auto segment = rest.substr(0, slash);
    rest = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash);
    return segment;
}

// What stands for each {} when the path has the pattern's form.
std::optional<std::array<std::string_view, 3>> matched(std::string_view pattern,
                                                       std::string_view path) {
    std::array<std::string_view, 3> captured{};
    std::size_t count = 0;
    while (!pattern.empty() && !path.empty()) {
        if (pattern.front() != '/' || path.front() != '/') return std::nullopt;
        pattern.remove_prefix(1);
        path.remove_prefix(1);
        const auto wanted = take_segment(pattern);
        const auto given = take_segment(path);
        if (wanted == "{}") {
            if (given.empty()) return std::nullopt;
            captured[count++] = given;
        } else if (wanted != given) {
            return std::nullopt;
        }
    }
    if (!pattern.empty() || !path.empty()) return std::nullopt;
    return captured;
}

}  // namespace

routing find_route(std::span<const route> table, http::verb method, std::string_view path) {
    if (method == http::verb::head) method = http::verb::get;
    std::string allow;
    for (const auto& candidate : table) {
        const auto captured = matched(candidate.pattern, path);
        if (!captured) continue;
        if (candidate.method == method) return match{&candidate, *captured};
        const auto name = http::to_string(candidate.method);
        if (allow.find(std::string_view(name.data(), name.size())) != std::string::npos) continue;
        if (!allow.empty()) allow += ", ";
        allow += name;
        if (candidate.method == http::verb::get) allow += ", HEAD";
    }
    if (!allow.empty()) return no_such_method{std::move(allow)};
    return no_such_path{};
}

std::string_view page_before_slash(std::span<const route> table, std::string_view path) {
    constexpr std::string_view pages[]{"/{}", "/studio", "/present", "/present/{}", "/docs"};
    constexpr std::string_view folders[]{"/v1", "/assets"};  // of which nothing is an event's code
    if (!path.ends_with('/')) return {};
    path.remove_suffix(1);
    if (std::ranges::find(folders, path) != std::end(folders)) return {};
    const auto where = find_route(table, http::verb::get, path);
    const auto* hit = std::get_if<match>(&where);
    if (hit == nullptr || std::ranges::find(pages, hit->found->pattern) == std::end(pages))
        return {};
    return path;
}

}  // namespace tallycast::net
