#pragma once
// What the functions of lua/ answer, as values. Pure; a reply that is not of the form is
// nothing.

#include "reply.hpp"
#include "slice_counts.hpp"

#include <tallycast/base/time.hpp>
#include <tallycast/domain/poll_round.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tallycast::redis {

struct nothing_placed {};
struct other_round {
    std::uint32_t round = 0;
};
struct cast_reply {
    base::wall_time at{};
    std::optional<base::wall_time> closed_at;
    std::vector<domain::decision> decisions;
    std::uint32_t revision = 0;             // of the poll placed there
    std::optional<slice_counts> published;  // the snapshot this group brought about
    // What moved waits, and the caller is to have it published so much later: then as much time has
    // passed since the last snapshot as there is to be between two, whichever node had that made.
    std::optional<std::chrono::milliseconds> flush_in;
};
using cast_answer = std::variant<cast_reply, nothing_placed, other_round>;
std::optional<cast_answer> cast_answer_in(const reply& answer);

enum class slice_verdict : std::uint8_t {
    done = 0,
    nothing_placed = 1,
    newer = 3,
    has_votes = 4,
    held = 5
};
struct slice_reply {
    slice_verdict what = slice_verdict::done;
    std::optional<slice_counts> counts;
};
// Of place, flush and read.
std::optional<slice_reply> slice_reply_in(const reply& answer);

// Of TIME.
std::optional<base::wall_time> time_in(const reply& answer);

// The n-th item as a number, or `otherwise`.
std::int64_t number_at(const reply& answer, std::size_t n, std::int64_t otherwise = -1);

}  // namespace tallycast::redis
