#pragma once
// Where the keys of a slice live. There are 64 places, each a hash tag; their hash slots are spread
// evenly over the 16,384 of a cluster, so the slices of a poll, dealt over places at even
// distances, lie evenly on its primaries. The places are few and known, so that a node subscribes
// to all of them once. Pure.

#include "slot.hpp"

#include <tallycast/base/id.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tallycast::redis {

inline constexpr std::size_t place_count = 64;

// "{…}" of a place.
const std::string& tag_of(std::size_t place);

// The place of a slice. Where a number of slices divides that of places, each poll begins at
// another place; others lie in the middle of as many equal parts, so that each of as many primaries
// with equal shares of the slots has one.
std::size_t place_of(const base::poll_id& poll, std::uint16_t slices, std::uint16_t slice);

// The keys of one round of a slice, as the functions of lua/ want them.
struct slice_keys {
    std::string meta;
    std::string counts;
    std::string sheet;
    std::string log;
    slot at = 0;
};
slice_keys keys_of(const base::poll_id& poll, std::uint16_t slices, std::uint16_t slice,
                   std::uint32_t round);

// Channels: what a slice publishes, and that something waits to be published.
std::string results_channel(std::size_t place);
std::string waiting_channel(std::size_t place);

// What is no slice's: tenants, keys, events, polls.
inline constexpr std::string_view catalog_tag = "{tallycast}";
std::string catalog_key(std::string_view name);

}  // namespace tallycast::redis
