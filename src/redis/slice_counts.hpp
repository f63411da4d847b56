#pragma once
// What a slice says of itself in a snapshot, and what the slices of a poll come to together. Pure.

#include <tallycast/base/id.hpp>
#include <tallycast/base/time.hpp>
#include <tallycast/domain/ledger.hpp>
#include <tallycast/domain/results.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace tallycast::redis {

struct slice_counts {
    base::poll_id poll;
    std::uint16_t slice = 0;
    std::uint32_t round = 0;     // the current one, whichever was read
    std::uint32_t revision = 0;  // of the poll that was placed at the slice last
    base::wall_time at{};        // the store's clock
    std::uint64_t version = 0;
    std::uint64_t voters = 0;
    std::vector<std::uint64_t> marks;
    domain::ledger ledger;
};

// A snapshot by lua/1_slice.lua; nothing when it is not of that form.
std::optional<slice_counts> counts_in(std::string_view snapshot);

// Added up; `at` is the latest of them. Version, too, is the sum: each part never falls.
slice_counts together(std::span<const slice_counts> slices);

// As results of this definition; status, round and final are the caller's to fill.
domain::results results_of(const slice_counts& sum, const domain::poll_definition& definition);

}  // namespace tallycast::redis
