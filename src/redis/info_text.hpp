#pragma once
// The text of INFO: lines of `name:value`. Pure.

#include <cstdint>
#include <optional>
#include <string_view>

namespace tallycast::redis {

// The value of the first line of this name.
std::optional<std::string_view> line_of(std::string_view info, std::string_view name);

// The number it begins with; 0 where there is no such line or no number.
std::int64_t number_of(std::string_view info, std::string_view name);

}  // namespace tallycast::redis
