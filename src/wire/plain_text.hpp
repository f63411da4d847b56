#pragma once
// Text that people wrote: what of it is refused, how it is kept (NFC), and when two of them look
// the same.

#include <cstddef>
#include <string>
#include <string_view>

namespace tallycast::wire {

// Why the text cannot be shown to others, or empty: not UTF-8, control characters, line and
// paragraph separators, or characters that turn the direction of what stands around them.
std::string_view fault_of_text(std::string_view text);

bool is_utf8(std::string_view text);

// In Unicode's normal form C. The text has no fault.
std::string composed(std::string_view text);

// The same for texts that look alike: NFKC, case folded, invisible characters dropped, white space
// collapsed. The text has no fault. Empty when there is nothing to see.
std::string look_of(std::string_view text);

// Code points of UTF-8.
std::size_t characters_of(std::string_view text);

// An id as they stand on the wire: 1 to 32 of A-Z a-z 0-9 - _.
bool is_id(std::string_view text);

// 1 to 64 visible ASCII characters: an idempotency key, the id of a live message.
bool is_key(std::string_view text);

// At most so many bytes, cut between characters and ended by "..." where it was cut; for naming in
// a detail what the caller sent.
std::string shortened(std::string_view text, std::size_t bytes = 64);

}  // namespace tallycast::wire
