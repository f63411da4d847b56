#pragma once
// JSON into a tree, for bodies that come seldom: nothing doubled, at most 16 levels, no byte order
// mark, no NUL, nothing behind it.

#include <tallycast/base/error.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace tallycast::wire {

inline constexpr std::size_t strict_depth = 16;

// Fills `into`, or answers malformed_json, saying at which byte or member.
std::optional<base::failure> parse_strictly(std::string_view text, nlohmann::json& into);

}  // namespace tallycast::wire
