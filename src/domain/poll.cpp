#include <tallycast/domain/poll.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <tuple>
#include <utility>

namespace tallycast::domain {

namespace {

using checked_step = std::optional<base::failure>;

base::failure wrong(std::string what) { return {base::errc::invalid_request, std::move(what)}; }

std::size_t characters(std::string_view utf8) {
    return static_cast<std::size_t>(
        std::ranges::count_if(utf8, [](char c) { return (c & 0xc0) != 0x80; }));
}

constexpr std::string_view blanks = " \t\r\n";

checked_step check_text(const std::string& text, const std::string& field) {
    if (text.find_first_not_of(blanks) == std::string::npos) return wrong(field + " is empty.");
    if (characters(text) > max_label_characters || text.size() > max_label_bytes)
        return wrong(field + " is longer than " + std::to_string(max_label_characters) +
                     " characters.");
    return {};
}

bool is_option_id(std::string_view id) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    };
    return !id.empty() && id.size() <= base::id_max_length && std::ranges::all_of(id, allowed);
}

// a to z, then a1 to z1, and so on.
std::string option_id(std::size_t n) {
    std::string id(1, static_cast<char>('a' + n % 26));
    if (n >= 26) id += std::to_string(n / 26);
    return id;
}

void fill_option_ids(std::vector<option>& options, const std::vector<option>& earlier) {
    std::set<std::string> taken;
    for (const auto& o : options) taken.insert(o.id);
    for (auto& o : options) {
        const auto same = std::ranges::find(earlier, o.label, &option::label);
        if (o.id.empty() && same != earlier.end() && taken.insert(same->id).second) o.id = same->id;
    }
    for (const auto& o : earlier) taken.insert(o.id);
    std::size_t n = 0;
    for (auto& o : options) {
        while (o.id.empty() && !taken.insert(option_id(n)).second) ++n;
        if (o.id.empty()) o.id = option_id(n++);
    }
}

// Of a label that is not blank.
std::string folded(std::string_view label) {
    const auto first = label.find_first_not_of(blanks);
    std::string text(label.substr(first, label.find_last_not_of(blanks) - first + 1));
    for (auto& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return text;
}

checked_step check_options(poll_definition& d, const std::vector<option>& earlier) {
    if (d.type == poll_type::rating) {
        if (!d.options.empty()) return wrong("options: a rating has none.");
        return {};
    }
    const std::size_t most = d.type == poll_type::ranking ? max_ranking_options : max_options;
    if (d.options.size() < 2 || d.options.size() > most)
        return wrong("options: 2 to " + std::to_string(most) + " are needed.");
    fill_option_ids(d.options, earlier);
    std::set<std::string> ids, labels;
    for (std::size_t i = 0; i < d.options.size(); ++i) {
        const auto field = "options[" + std::to_string(i) + "]";
        if (!is_option_id(d.options[i].id))
            return wrong(field + ".id: 1 to 32 of A-Z a-z 0-9 - _.");
        if (auto bad = check_text(d.options[i].label, field + ".label")) return bad;
        if (!ids.insert(d.options[i].id).second) return wrong(field + ".id stands twice.");
        if (!labels.insert(folded(d.options[i].label)).second)
            return wrong(field + ".label looks like another one.");
    }
    return {};
}

checked_step check_choices(poll_definition& d) {
    auto& r = d.rules;
    const bool one = d.type == poll_type::single || d.type == poll_type::rating;
    const auto all = static_cast<std::uint8_t>(one ? 1 : d.options.size());
    if (r.min_choices == 0) r.min_choices = 1;
    if (r.max_choices == 0) r.max_choices = all;
    if (one && (r.min_choices != 1 || r.max_choices != 1))
        return wrong(
            "rules: this type takes exactly one choice (min_choices and max_choices are 1).");
    if (r.max_choices > all)
        return wrong("rules.max_choices is larger than the number of options.");
    if (r.min_choices > r.max_choices)
        return wrong("rules.min_choices is larger than rules.max_choices.");
    return {};
}

checked_step check_scale(poll_definition& d) {
    constexpr std::uint8_t usual = 5;
    auto& scale = d.rules.scale;
    if (d.type != poll_type::rating)
        return scale ? checked_step(wrong("rules.scale belongs to a rating.")) : std::nullopt;
    if (!scale) scale = usual;
    if (*scale < 2 || *scale > max_scale) return wrong("rules.scale: 2 to 10.");
    return {};
}

checked_step check_times(const poll_definition& d) {
    if (d.grace < base::milliseconds{0} || d.grace > max_grace)
        return wrong("grace_ms: 0 to 10000.");
    if (d.opens_at && d.closes_at && *d.closes_at <= *d.opens_at)
        return wrong("closes_at must be after opens_at.");
    return {};
}

constexpr std::array<std::pair<poll_type, std::string_view>, 4> type_names{
    {{poll_type::single, "single"},
     {poll_type::multiple, "multiple"},
     {poll_type::rating, "rating"},
     {poll_type::ranking, "ranking"}}};
constexpr std::array<std::pair<poll_status, std::string_view>, 5> status_names{
    {{poll_status::draft, "draft"},
     {poll_status::open, "open"},
     {poll_status::paused, "paused"},
     {poll_status::closed, "closed"},
     {poll_status::archived, "archived"}}};
constexpr std::array<std::pair<visibility, std::string_view>, 4> visibility_names{
    {{visibility::always, "always"},
     {visibility::after_vote, "after_vote"},
     {visibility::after_close, "after_close"},
     {visibility::never, "never"}}};

template <class Names, class Value>
std::string_view name_in(const Names& names, Value value) {
    for (const auto& [v, n] : names)
        if (v == value) return n;
    return {};
}

template <class Value, std::size_t N>
std::optional<Value> value_in(const std::array<std::pair<Value, std::string_view>, N>& names,
                              std::string_view name) {
    for (const auto& [v, n] : names)
        if (n == name) return v;
    return std::nullopt;
}

}  // namespace

base::result<poll_definition> checked(poll_definition d, const std::vector<option>& earlier) {
    if (auto bad = check_text(d.question, "question")) return *bad;
    if (auto bad = check_options(d, earlier)) return *bad;
    if (auto bad = check_choices(d)) return *bad;
    if (auto bad = check_scale(d)) return *bad;
    if (auto bad = check_times(d)) return *bad;
    return d;
}

bool stands_before(const poll& one, const poll& other) {
    return std::tie(one.position, one.created_at, one.id) <
           std::tie(other.position, other.created_at, other.id);
}

bool changes_ballots(const poll_definition& before, const poll_definition& after) {
    return before.type != after.type || before.rules != after.rules ||
           before.options != after.options;
}

std::string_view name(poll_type type) { return name_in(type_names, type); }
std::string_view name(poll_status status) { return name_in(status_names, status); }
std::string_view name(visibility results) { return name_in(visibility_names, results); }
std::optional<poll_status> poll_status_of(std::string_view n) { return value_in(status_names, n); }
std::optional<poll_type> poll_type_of(std::string_view n) { return value_in(type_names, n); }
std::optional<visibility> visibility_of(std::string_view n) {
    return value_in(visibility_names, n);
}

}  // namespace tallycast::domain
