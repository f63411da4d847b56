#include <tallycast/domain/ballot.hpp>

#include <algorithm>

namespace tallycast::domain {

namespace {

base::failure invalid(std::string why) { return {base::errc::invalid_ballot, std::move(why)}; }

constexpr std::uint64_t one = 1;

base::result<ballot> rating_from(const poll_definition& d, const ballot_form& form) {
    if (form.has_choices || !form.rating) return invalid("This poll takes a rating.");
    if (*form.rating < 1 || *form.rating > d.rules.scale.value_or(0))
        return invalid("The rating is not on the scale from 1 to " +
                       std::to_string(d.rules.scale.value_or(0)) + ".");
    return ballot{static_cast<std::uint64_t>(*form.rating)};
}

std::optional<std::size_t> index_of(const poll_definition& d, std::string_view id) {
    const auto at = std::ranges::find(d.options, id, &option::id);
    if (at == d.options.end()) return std::nullopt;
    return static_cast<std::size_t>(at - d.options.begin());
}

// Where the r-th named option goes in the word; see the table in the header.
std::uint64_t placed(poll_type type, std::size_t option, std::size_t rank) {
    switch (type) {
        case poll_type::multiple: return one << option;
        case poll_type::ranking: return (option + 1) << (4 * rank);
        default: return option + 1;
    }
}

}  // namespace

base::result<ballot> ballot_from(const poll_definition& d, const ballot_form& form) {
    if (d.type == poll_type::rating) return rating_from(d, form);
    if (!form.has_choices || form.rating) return invalid("This poll takes choices.");
    const std::size_t count = form.choices.size();
    if (count < d.rules.min_choices)
        return invalid("Too few choices: at least " + std::to_string(d.rules.min_choices) + ".");
    if (count > d.rules.max_choices)
        return invalid("Too many choices: at most " + std::to_string(d.rules.max_choices) + ".");
    ballot vote;
    std::uint64_t seen = 0;
    for (std::size_t rank = 0; rank < count; ++rank) {
        const auto option = index_of(d, form.choices[rank]);
        if (!option) return invalid("An option is not one of this poll.");
        if ((seen & one << *option) != 0) return invalid("An option is named twice.");
        seen |= one << *option;
        vote.bits |= placed(d.type, *option, rank);
    }
    return vote;
}

std::vector<std::size_t> choices_of(const poll_definition& d, ballot vote) {
    std::vector<std::size_t> chosen;
    switch (d.type) {
        case poll_type::single:
            if (!vote.empty()) chosen.push_back(vote.bits - 1);
            break;
        case poll_type::multiple:
            for (std::size_t i = 0; i < d.options.size(); ++i)
                if ((vote.bits & one << i) != 0) chosen.push_back(i);
            break;
        case poll_type::ranking:
            for (auto rest = vote.bits; rest != 0; rest >>= 4) chosen.push_back((rest & 15) - 1);
            break;
        case poll_type::rating: break;
    }
    return chosen;
}

std::size_t ballot_width(const poll_definition& d) {
    switch (d.type) {
        case poll_type::multiple: return (d.options.size() + 7) / 8;
        case poll_type::ranking: return (d.rules.max_choices + std::size_t{1}) / 2;
        default: return 1;
    }
}

}  // namespace tallycast::domain
