#include "slice_counts.hpp"

#include <algorithm>
#include <charconv>

namespace tallycast::redis {

namespace {

constexpr std::size_t most_marks = 256;  // a ranking of 12 has 144

// The words of a line, one after the other.
class words {
public:
    explicit words(std::string_view text) : rest_(text) {}

    bool more() const { return !rest_.empty(); }

    std::string_view text() {
        const auto end = std::min(rest_.find(' '), rest_.size());
        const auto word = rest_.substr(0, end);
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        return word;
    }

    template <class Number>
    Number number() {
        const auto word = text();
        Number value{};
        const auto [end, bad] = std::from_chars(word.data(), word.data() + word.size(), value);
        if (bad != std::errc{} || end != word.data() + word.size()) wrong_ = true;
        return value;
    }

    bool wrong() const { return wrong_; }

private:
    std::string_view rest_;
    bool wrong_ = false;
};

// Where the functions put what, by the letter behind the l.
std::uint64_t* ledger_field(domain::ledger& l, std::string_view name) {
    if (name.size() != 2) return nullptr;
    switch (name[1]) {
        case 'r': return &l.received;
        case 'c': return &l.counted;
        case 'g': return &l.changed;
        case 'p': return &l.replayed;
        case 'w': return &l.withdrawn;
        default: break;
    }
    const auto kind = static_cast<std::size_t>(name[1] - '0');
    return kind < domain::rejection_kinds ? &l.rejected[kind] : nullptr;
}

void put_mark(std::vector<std::uint64_t>& marks, std::string_view index, std::uint64_t value) {
    std::size_t at = most_marks;
    std::from_chars(index.data(), index.data() + index.size(), at);
    if (at >= most_marks) return;
    if (marks.size() <= at) marks.resize(at + 1);
    marks[at] = value;
}

}  // namespace

std::optional<slice_counts> counts_in(std::string_view snapshot) {
    words from(snapshot);
    slice_counts c;
    c.poll = base::poll_id(from.text());
    c.slice = from.number<std::uint16_t>();
    c.round = from.number<std::uint32_t>();
    c.revision = from.number<std::uint32_t>();
    c.at = base::wall_time(base::milliseconds(from.number<std::int64_t>()));
    while (from.more() && !from.wrong()) {
        const auto name = from.text();
        const auto value = from.number<std::uint64_t>();
        if (name == "v") c.version = value;
        else if (name == "n") c.voters = value;
        else if (name.starts_with('o')) put_mark(c.marks, name.substr(1), value);
        else if (auto* field = ledger_field(c.ledger, name)) *field = value;
    }
    if (from.wrong() || c.poll.empty()) return std::nullopt;
    return c;
}

slice_counts together(std::span<const slice_counts> slices) {
    slice_counts sum;
    for (const auto& one : slices) {
        sum.poll = one.poll;
        sum.at = std::max(sum.at, one.at);
        sum.version += one.version;
        sum.voters += one.voters;
        sum.ledger += one.ledger;
        if (sum.marks.size() < one.marks.size()) sum.marks.resize(one.marks.size());
        for (std::size_t i = 0; i < one.marks.size(); ++i) sum.marks[i] += one.marks[i];
    }
    return sum;
}

domain::results results_of(const slice_counts& sum, const domain::poll_definition& definition) {
    return {.poll = sum.poll,
            .event = {},
            .version = sum.version,
            .tally = domain::tally(definition, sum.voters, sum.marks),
            .definition = definition,
            .at = sum.at};
}

}  // namespace tallycast::redis
