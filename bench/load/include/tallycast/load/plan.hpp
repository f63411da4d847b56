#pragma once
// Who votes for what and in which order the ballots leave, repeats included, drawn from a seed.
// Pure.

#include <tallycast/load/ballot_book.hpp>

#include <cstdint>
#include <vector>

namespace tallycast::load {

struct plan_wishes {
    std::uint32_t voters = 0;
    std::uint8_t choices = 2;
    double repeat = 0;  // share of the ballots that are sent twice
    double change = 0;  // share of the voters with a second, different ballot
    std::uint64_t seed = 0;
};

struct sending {
    std::uint32_t ballot = 0;  // index into the book
    bool is_repeat = false;
    std::uint32_t after = no_wait;  // a ballot that must be settled before this one may leave
    static constexpr std::uint32_t no_wait = ~std::uint32_t{0};
};

struct plan {
    ballot_book book;               // voters not yet joined, ballots not yet sent
    std::vector<sending> sendings;  // in order
};

// Half of the repeats follow their ballot at once, so that both are under way together; the other
// half come at a random later place. Options are not equally popular, so that mixing them up shows.
plan make_plan(const plan_wishes& wishes);

}  // namespace tallycast::load
