#pragma once
// Where a cluster puts a key: CRC16/XMODEM of its hash tag, or of all of it, modulo 16384.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace tallycast::redis {

using slot = std::uint16_t;
using slot_range = std::pair<slot, slot>;  // both ends belong to it

inline constexpr std::size_t slot_count = 16384;

// The tag is what stands between the first { and the first } after it, unless that is nothing.
slot slot_of(std::string_view key);

}  // namespace tallycast::redis
