#pragma once
// Percent decoding, strict: two hexadecimal digits after each %, and UTF-8 afterwards; and the
// pairs of a query or of an application/x-www-form-urlencoded body, where a plus is a space. All
// fail with invalid_request.

#include <tallycast/base/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tallycast::wire {

inline constexpr std::size_t max_query_pairs = 16;
inline constexpr std::size_t max_form_pairs = 128;

using name_value_pairs = std::vector<std::pair<std::string, std::string>>;

// A segment of a path; control characters are refused, plus stays a plus.
base::result<std::string> decode_segment(std::string_view segment);

// Control characters, doubled names and more than 16 pairs are refused. Empty for an empty query.
base::result<name_value_pairs> read_query(std::string_view query);

// Names may repeat (checkboxes); at most 128 pairs, none without a name. U+0000 is refused.
base::result<name_value_pairs> read_form(std::string_view body);

}  // namespace tallycast::wire
