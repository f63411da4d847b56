// Reading what the pages' forms post.

#include <tallycast/wire/page.hpp>
#include <tallycast/wire/percent.hpp>

#include "plain_text.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <utility>

namespace tallycast::wire {

namespace {

base::failure refused(std::string why) { return {base::errc::invalid_request, std::move(why)}; }

template <class Number>
std::optional<Number> number_in(std::string_view text) {
    Number value{};
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
    return value;
}

// 0 for rank_1; nullopt when the name is none of rank_1 to rank_12.
std::optional<std::size_t> rank_in(std::string_view name) {
    constexpr std::string_view start = "rank_";
    if (!name.starts_with(start)) return std::nullopt;
    const auto rank = number_in<unsigned>(name.substr(start.size()));
    if (!rank || *rank < 1 || *rank > domain::max_ranking_options) return std::nullopt;
    return *rank - 1;
}

// What people paste is often the whole address, and its code is the last part of the path.
std::string_view code_in(std::string_view typed) {
    if (typed.find('/') == std::string_view::npos) return typed;
    typed = typed.substr(0, typed.find_first_of("?#"));
    while (typed.ends_with('/')) typed.remove_suffix(1);
    return typed.substr(typed.rfind('/') + 1);
}

struct form_fields {
    page_ballot ballot;
    std::array<std::string, domain::max_ranking_options> ranks;
    bool ranked = false;

    base::result<void> take(const std::string& name, std::string&& value);
    void take_ranks();
};

base::result<void> form_fields::take(const std::string& name, std::string&& value) {
    if (const auto rank = rank_in(name)) {
        ranked = true;
        ranks[*rank] = std::move(value);
    } else if (name == "choice") {
        ballot.choices.push_back(std::move(value));
    } else if (name == "rating") {
        ballot.rating = number_in<std::int64_t>(value);
        if (!ballot.rating) return refused("rating: a whole number is expected.");
    } else if (name == "poll") {
        ballot.poll = base::poll_id{std::move(value)};
    } else if (name == "key") {
        ballot.key = std::move(value);
    } else if (name == "withdraw") {
        ballot.withdraw = value == "1";
    } else {
        return base::failure{base::errc::unknown_field,
                             "There is no field \"" + shortened(name) + "\"."};
    }
    return {};
}

void form_fields::take_ranks() {
    bool ended = false;
    for (auto& choice : ranks) {
        if (choice.empty()) {
            ended = true;
            continue;
        }
        if (ended) ballot.unfit = "Ranks are filled from the first on, without a gap.";
        ballot.choices.push_back(std::move(choice));
    }
}

base::result<void> check(const form_fields& form) {
    const auto& b = form.ballot;
    if (!is_id(b.poll.str())) return refused("poll: an id is expected.");
    if (!is_key(b.key)) return refused("key: 1 to 64 visible ASCII characters.");
    const bool has_choices = !b.choices.empty();
    if (b.withdraw && (has_choices || b.rating)) return refused("A withdrawal has no ballot.");
    if (has_choices && b.rating) return refused("A ballot has either choices or a rating.");
    return {};
}

}  // namespace

domain::ballot_form page_ballot::form(std::vector<std::string_view>& views) const {
    views.assign(choices.begin(), choices.end());
    domain::ballot_form form;
    form.rating = rating;
    form.has_choices = !rating;
    form.choices = views;
    return form;
}

base::result<page_ballot> read_page_ballot(std::string_view body) {
    auto pairs = read_form(body);
    if (!pairs) return pairs.error();
    form_fields form;
    for (auto& [name, value] : *pairs)
        if (const auto taken = form.take(name, std::move(value)); !taken) return taken.error();
    form.take_ranks();
    if (form.ranked && form.ballot.rating)
        return refused("A ballot has either choices or a rating.");
    if (const auto fits = check(form); !fits) return fits.error();
    auto& ballot = form.ballot;
    if (!ballot.withdraw && ballot.choices.empty() && !ballot.rating)
        ballot.unfit = "Nothing was chosen.";
    return std::move(ballot);
}

base::result<std::string> read_page_code(std::string_view body) {
    auto pairs = read_form(body);
    if (!pairs) return pairs.error();
    if (pairs->size() != 1 || pairs->front().first != "code")
        return refused("The code is expected, and nothing else.");
    const auto& typed = pairs->front().second;
    if (typed.empty() || typed.size() > longest_typed_code)
        return refused("code: 1 to 300 characters.");
    return std::string(code_in(typed));
}

}  // namespace tallycast::wire
