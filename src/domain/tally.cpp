#include <tallycast/domain/tally.hpp>

#include <algorithm>
#include <numeric>

namespace tallycast::domain {

tally::tally(const poll_definition& d)
    : per_option_(d.options.size()),
      ratings_(d.type == poll_type::rating ? d.rules.scale.value_or(0) : 0),
      ranks_(d.type == poll_type::ranking ? d.options.size() * d.rules.max_choices : 0) {}

tally::tally(const poll_definition& d, std::uint64_t voters, std::span<const std::uint64_t> marks)
    : tally(d) {
    voters_ = voters;
    auto& kept = d.type == poll_type::rating    ? ratings_
                 : d.type == poll_type::ranking ? ranks_
                                                : per_option_;
    std::ranges::copy(marks.first(std::min(marks.size(), kept.size())), kept.begin());
    for (std::size_t i = 0; i < ranks_.size(); ++i)
        per_option_[i / d.rules.max_choices] += ranks_[i];
    const auto& sums = d.type == poll_type::rating ? ratings_ : per_option_;
    votes_ = std::accumulate(sums.begin(), sums.end(), std::uint64_t{0});
}

void tally::add(const poll_definition& d, ballot vote) { move(d, vote, 1); }
void tally::remove(const poll_definition& d, ballot vote) { move(d, vote, -1); }

void tally::move(const poll_definition& d, ballot vote, std::int64_t by) {
    const auto step = static_cast<std::uint64_t>(by);  // wraps, and wraps back
    voters_ += step;
    if (d.type == poll_type::rating) {
        votes_ += step;
        ratings_[vote.bits - 1] += step;
        return;
    }
    const auto mark = [&](std::size_t option) {
        votes_ += step;
        per_option_[option] += step;
    };
    if (d.type == poll_type::single) return mark(vote.bits - 1);
    std::size_t rank = 0;
    for (const auto option : choices_of(d, vote)) {
        mark(option);
        if (d.type == poll_type::ranking) ranks_[option * d.rules.max_choices + rank++] += step;
    }
}

double average_rating(const tally& count) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < count.ratings().size(); ++i) sum += (i + 1) * count.ratings()[i];
    return count.votes() == 0 ? 0.0 : static_cast<double>(sum) / static_cast<double>(count.votes());
}

std::vector<std::uint64_t> borda_points(const poll_definition& d, const tally& count) {
    const std::size_t n = d.options.size();
    std::vector<std::uint64_t> points(n);
    for (std::size_t option = 0; option < n; ++option)
        for (std::size_t rank = 0; rank < d.rules.max_choices; ++rank)
            points[option] += (n - rank - 1) * count.ranks()[option * d.rules.max_choices + rank];
    return points;
}

}  // namespace tallycast::domain
