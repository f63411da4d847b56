#include <tallycast/domain/flag.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace tallycast::domain {

namespace {

// In the order of flag_id.
const std::array<flag_kind, flag_kinds>& table() {
    static const std::array<flag_kind, flag_kinds> kinds{{
        {"results-rate", "results of a poll that a live connection is sent in a second, at most",
         20.0, 0.1, 20},
        {"sse", "whether new event streams are taken", true},
        {"joins", "whether new voters may join", true},
        {"exports", "whether exports are begun", true},
        {"trace-share", "share of the traces that is sampled", 0.01, 0, 1},
        {"maintenance-notice", "what is told to everybody who watches; empty: nothing",
         std::string{}, 0, 0, 500},
    }};
    return kinds;
}

std::string short_text(double number) {
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    return {digits.data(), end.ptr};
}

base::failure wrong(const flag_kind& kind, const std::string& wanted) {
    return {base::errc::invalid_request,
            "value: " + std::string(kind.name) + " takes " + wanted + '.'};
}

bool within(const flag_kind& kind, double number) {
    return std::isfinite(number) && number >= kind.least && number <= kind.most;
}

}  // namespace

const flag_kind& kind_of(flag_id which) { return table()[static_cast<std::size_t>(which)]; }

std::optional<flag_id> flag_named(std::string_view name) {
    const auto at = std::ranges::find(table(), name, &flag_kind::name);
    if (at == table().end()) return std::nullopt;
    return static_cast<flag_id>(at - table().begin());
}

base::result<void> check_flag(flag_id which, const flag_value& value) {
    const auto& kind = kind_of(which);
    if (std::holds_alternative<bool>(kind.fallback)) {
        if (!std::holds_alternative<bool>(value)) return wrong(kind, "true or false");
    } else if (std::holds_alternative<double>(kind.fallback)) {
        const auto* number = std::get_if<double>(&value);
        if (number == nullptr || !within(kind, *number))
            return wrong(
                kind, "a number from " + short_text(kind.least) + " to " + short_text(kind.most));
    } else {
        const auto* text = std::get_if<std::string>(&value);
        if (text == nullptr || text->size() > kind.longest)
            return wrong(kind, "a text of at most " + std::to_string(kind.longest) + " bytes");
    }
    return {};
}

std::string text_of(const flag_value& value) {
    if (const auto* on = std::get_if<bool>(&value)) return *on ? "true" : "false";
    if (const auto* number = std::get_if<double>(&value)) return short_text(*number);
    return std::get<std::string>(value);
}

std::optional<flag_value> flag_value_in(flag_id which, std::string_view text) {
    const auto& fallback = kind_of(which).fallback;
    flag_value value = std::string(text);
    if (std::holds_alternative<bool>(fallback)) {
        if (text != "true" && text != "false") return std::nullopt;
        value = text == "true";
    } else if (std::holds_alternative<double>(fallback)) {
        double number = 0;
        const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
        if (end.ec != std::errc{} || end.ptr != text.data() + text.size()) return std::nullopt;
        value = number;
    }
    if (!check_flag(which, value)) return std::nullopt;
    return value;
}

}  // namespace tallycast::domain
