#pragma once
// How an option's text becomes a member of the settings: a kind with its range, and the place it
// goes to.

#include "parse_value.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace tallycast::config {

// Settings while they are read: what stands in files or is checked against other options is not
// settled yet.
struct draft {
    settings values;
    std::string operator_key_file;
    std::string host_key_file;
    std::string token_keys_file;
};

struct value_kind {
    std::string shape;  // for the help's column: "DURATION"
    std::string words;  // for the manual: "duration, 1s to 1h"
    // Stores the value; answers why it could not, or nothing.
    std::function<std::string(draft&, std::string_view)> read;
    bool is_switch = false;
    bool is_list = false;
};

// A way into the draft's settings: at(&settings::limits, &limit_settings::voter, &rate::burst).
template <class... Members>
auto at(Members... path) {
    return [=](draft & d) -> auto& { return (d.values.*....*path); };
}

// Reads with `parse`, stores where `place` points.
template <class Place, class Parse>
auto reader(Place place, Parse parse) {
    return [=](draft& d, std::string_view text) -> std::string {
        auto value = parse(text);
        if (!value) return value.error().detail;
        place(d) = std::move(*value);
        return {};
    };
}

template <class Place>
value_kind integer(std::uint32_t least, std::uint32_t most, Place place) {
    return {"N", "integer, " + std::to_string(least) + " to " + std::to_string(most),
            reader(place, [=](std::string_view text) { return parse_integer(text, least, most); })};
}

template <class Place>
value_kind number(double least, double most, Place place) {
    return {"NUMBER", "number, " + show_number(least) + " to " + show_number(most),
            reader(place, [=](std::string_view text) { return parse_number(text, least, most); })};
}

template <class Place>
value_kind on_off(Place place) {
    return {"on|off", "`on` or `off`", reader(place, parse_switch), true};
}

template <class Place>
value_kind duration(std::chrono::milliseconds least, std::chrono::milliseconds most, Place place) {
    return {
        "DURATION", "duration, " + show_duration(least) + " to " + show_duration(most),
        reader(place, [=](std::string_view text) { return parse_duration(text, least, most); })};
}

template <class Place>
value_kind address_and_port(Place place) {
    return {"ADDRESS:PORT", "`address:port`", reader(place, parse_endpoint)};
}

// Text that `parse` checks.
template <class Place, class Parse>
value_kind text(std::string shape, std::string words, Place place, Parse parse) {
    return {std::move(shape), std::move(words), reader(place, parse)};
}

inline base::result<std::string> any_text(std::string_view text) { return std::string(text); }

template <class Place>
value_kind path(Place place) {
    return {"PATH", "path", reader(place, any_text)};
}

// Items by commas, each checked by `parse`.
template <class Place, class Parse>
value_kind list(std::string words, Place place, Parse parse) {
    auto read = [=](draft& d, std::string_view text) -> std::string {
        std::vector<std::string> items;
        for (const auto& item : split_list(text)) {
            auto value = parse(item);
            if (!value) return value.error().detail;
            items.push_back(std::move(*value));
        }
        place(d) = std::move(items);
        return {};
    };
    return {"LIST", std::move(words), std::move(read), false, true};
}

template <class Value>
using word_table = std::vector<std::pair<std::string_view, Value>>;

template <class Value, class Place>
value_kind choice(word_table<Value> words, Place place) {
    std::string shape;
    std::string listed;
    for (const auto& [word, value] : words) {
        shape.append(shape.empty() ? "" : "|").append(word);
        listed.append(listed.empty() ? "`" : ", `").append(word) += '`';
    }
    auto read = [words, listed, place](draft& d, std::string_view text) -> std::string {
        for (const auto& [word, value] : words) {
            if (word != text) continue;
            place(d) = value;
            return {};
        }
        return '"' + std::string(text) + "\" is none of " + listed;
    };
    return {std::move(shape), std::move(listed), std::move(read)};
}

}  // namespace tallycast::config
