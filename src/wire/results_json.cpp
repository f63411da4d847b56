#include <tallycast/wire/results_json.hpp>

#include "poll_members.hpp"

#include <charconv>
#include <cstddef>
#include <span>
#include <vector>

namespace tallycast::wire {

namespace {

constexpr int average_decimals = 4;

// Without trailing zeros: 3, 3.5, 3.3333.
void append_average(std::string& out, double average) {
    char digits[32];
    const char* end = std::to_chars(digits, digits + sizeof digits, average,
                                    std::chars_format::fixed, average_decimals)
                          .ptr;
    while (end[-1] == '0') --end;
    if (end[-1] == '.') --end;
    out.append(digits, static_cast<std::size_t>(end - digits));
}

// One row of a ranking: how often the option stood at each rank.
std::span<const std::uint64_t> ranks_of(const domain::results& r, std::size_t option) {
    const std::size_t width = r.definition.rules.max_choices;
    const auto& ranks = r.tally.ranks();
    if ((option + 1) * width > ranks.size()) return {};
    return std::span(ranks).subspan(option * width, width);
}

void append_options(std::string& out, const domain::results& r) {
    const bool ranking = r.definition.type == domain::poll_type::ranking;
    const auto points =
        ranking ? domain::borda_points(r.definition, r.tally) : std::vector<std::uint64_t>{};
    const auto& votes = r.tally.per_option();
    const auto& options = r.definition.options;
    out += '[';
    for (std::size_t i = 0; i < options.size(); ++i) {
        if (i > 0) out += ',';
        object_writer option{out};
        option.text("id", options[i].id).number("votes", i < votes.size() ? votes[i] : 0);
        if (ranking) {
            append_numbers(option.value_of("ranks"), ranks_of(r, i));
            option.number("points", i < points.size() ? points[i] : 0);
        }
        option.close();
    }
    out += ']';
}

}  // namespace

void append_results(std::string& out, const domain::results& r, base::wall_time server_time) {
    out.reserve(out.size() + 192 + r.definition.options.size() * 48);
    object_writer to{out};
    to.text("poll", r.poll.str())
        .number("round", r.round)
        .text("status", name(r.status))
        .number("version", r.version);
    to.number("voters", r.tally.voters()).number("votes", r.tally.votes()).truth("final", r.final);
    append_options(to.value_of("options"), r);
    if (r.definition.type == domain::poll_type::rating) {
        append_average(to.value_of("average"), domain::average_rating(r.tally));
        append_numbers(to.value_of("ratings"), std::span(r.tally.ratings()));
    }
    to.time("server_time", server_time).close();
}

std::string write_vote_receipt(std::string_view status, const base::poll_id& poll,
                               std::uint32_t round, std::string_view receipt, base::wall_time at) {
    std::string out;
    out.reserve(160);
    object_writer to{out};
    to.text("status", status).text("poll", poll.str()).number("round", round);
    if (!receipt.empty()) to.text("receipt", receipt);
    to.time("at", at).close();
    return out;
}

std::string write_my_ballot(const domain::poll& poll, domain::ballot vote,
                            std::string_view receipt) {
    std::string out;
    object_writer to{out};
    to.text("poll", poll.id.str()).number("round", poll.round);
    if (poll.definition.type == domain::poll_type::rating) {
        to.number("rating", vote.bits);
    } else {
        append_ids(to.value_of("choices"), poll.definition, vote);
    }
    to.text("receipt", receipt).close();
    return out;
}

}  // namespace tallycast::wire
