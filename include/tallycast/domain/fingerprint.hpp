#pragma once
// How a ballot is recognised when it comes again. A client's key gives a keyed tag; a ballot
// without a key is its own key, so sending the same choices again is the same ballot. Keyed and
// keyless tags never meet.

#include <tallycast/domain/ballot.hpp>

#include <cstdint>
#include <string_view>

namespace tallycast::domain {

// Never 0. Bit 0 is 1 for a client's key and 0 for a keyless ballot; the other 31 bits are a hash.
std::uint32_t tag_of_key(std::string_view idempotency_key);
std::uint32_t tag_of_ballot(ballot vote);
inline bool is_keyed(std::uint32_t tag) { return (tag & 1u) != 0; }

// 0 for no ballot (a withdrawal), otherwise never 0.
std::uint16_t body_of(ballot vote);

// A well-mixed 64-bit hash of a few bytes; not for secrets.
std::uint64_t mix(std::string_view bytes, std::uint64_t seed = 0);

}  // namespace tallycast::domain
