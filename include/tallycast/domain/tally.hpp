#pragma once
// The running count of one round: adding a ballot and taking it away are exact inverses.

#include <tallycast/domain/ballot.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace tallycast::domain {

class tally {
public:
    explicit tally(const poll_definition& definition);
    // A count that was kept elsewhere: marks of each option, of each rating, or of each
    // [option × max_choices + rank − 1]. What is missing of the marks is 0.
    tally(const poll_definition& definition, std::uint64_t voters,
          std::span<const std::uint64_t> marks);

    void add(const poll_definition& definition, ballot vote);
    void remove(const poll_definition& definition, ballot vote);

    std::uint64_t voters() const noexcept { return voters_; }  // ballots in the count
    std::uint64_t votes() const noexcept {
        return votes_;
    }  // marks in the count: choices, or ratings

    // Marks per option (empty for rating).
    const std::vector<std::uint64_t>& per_option() const noexcept { return per_option_; }
    // rating: ballots at each step, from 1. Otherwise empty.
    const std::vector<std::uint64_t>& ratings() const noexcept { return ratings_; }
    // ranking: [option × max_choices + rank − 1], how often the option stood at that rank.
    // Otherwise empty.
    const std::vector<std::uint64_t>& ranks() const noexcept { return ranks_; }

    friend bool operator==(const tally&, const tally&) = default;

private:
    void move(const poll_definition& definition, ballot vote, std::int64_t by);

    std::uint64_t voters_ = 0;
    std::uint64_t votes_ = 0;
    std::vector<std::uint64_t> per_option_;
    std::vector<std::uint64_t> ratings_;
    std::vector<std::uint64_t> ranks_;
};

// Mean rating; 0 when nobody rated.
double average_rating(const tally& count);

// Borda points of each option of a ranking: with n options, rank r gives n − r.
std::vector<std::uint64_t> borda_points(const poll_definition& definition, const tally& count);

}  // namespace tallycast::domain
