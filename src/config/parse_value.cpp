#include "parse_value.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace tallycast::config {

namespace {

base::failure wrong(std::string why) { return {base::errc::invalid_request, std::move(why)}; }

std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

struct duration_unit {
    std::string_view name;
    std::int64_t milliseconds;
};
constexpr std::array<duration_unit, 4> duration_units{
    {{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

}  // namespace

base::result<std::uint32_t> parse_integer(std::string_view text, std::uint32_t least,
                                          std::uint32_t most) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    if (!whole || value < least || value > most)
        return wrong(quoted(text) + " is not an integer from " + std::to_string(least) + " to " +
                     std::to_string(most));
    return static_cast<std::uint32_t>(value);
}

base::result<double> parse_number(std::string_view text, double least, double most) {
    double value = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    const bool whole =
        error == std::errc{} && end == text.data() + text.size() && std::isfinite(value);
    if (!whole || value < least || value > most)
        return wrong(quoted(text) + " is not a number from " + show_number(least) + " to " +
                     show_number(most));
    return value;
}

base::result<bool> parse_switch(std::string_view text) {
    for (const std::string_view yes : {"on", "true", "yes", "1"})
        if (text == yes) return true;
    for (const std::string_view no : {"off", "false", "no", "0"})
        if (text == no) return false;
    return wrong(quoted(text) + " is neither on nor off");
}

base::result<std::chrono::milliseconds> parse_duration(std::string_view text,
                                                       std::chrono::milliseconds least,
                                                       std::chrono::milliseconds most) {
    std::uint64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    const auto digits = static_cast<std::size_t>(end - text.data());
    const auto unit =
        std::find_if(duration_units.begin(), duration_units.end(),
                     [&](const duration_unit& u) { return u.name == text.substr(digits); });
    if (error != std::errc{} || unit == duration_units.end())
        return wrong(quoted(text) + " is not a duration such as 250ms, 10s, 5m or 12h");
    // Compared before multiplying, so that a huge count cannot wrap around into the range.
    const auto limit = static_cast<std::uint64_t>(most.count() / unit->milliseconds);
    const std::chrono::milliseconds value{
        count > limit ? most.count() + 1 : static_cast<std::int64_t>(count) * unit->milliseconds};
    if (value < least || value > most)
        return wrong(quoted(text) + " is not from " + show_duration(least) + " to " +
                     show_duration(most));
    return value;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> items;
    if (trimmed(text).empty()) return items;
    for (;;) {
        const auto comma = text.find(',');
        items.emplace_back(trimmed(text.substr(0, comma)));
        if (comma == std::string_view::npos) return items;
        text.remove_prefix(comma + 1);
    }
}

std::string show_duration(std::chrono::milliseconds value) {
    if (value.count() == 0) return "0s";
    for (const auto& unit : duration_units)
        if (value.count() % unit.milliseconds == 0)
            return std::to_string(value.count() / unit.milliseconds).append(unit.name);
    return {};
}

std::string show_number(double value) {
    std::array<char, 400> buffer{};
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed)
            .ptr;
    return {buffer.data(), end};
}

}  // namespace tallycast::config
