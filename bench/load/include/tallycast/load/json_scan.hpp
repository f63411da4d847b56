#pragma once
// Finds one member in a small JSON reply without building a tree: the client must cost little
// beside the node it measures. Only for replies whose member names are known and whose texts hold
// no escapes.

#include <cstdint>
#include <optional>
#include <string_view>

namespace tallycast::load {

// The first member of that name at any depth whose value is a text; a view into `json`.
std::optional<std::string_view> text_member(std::string_view json, std::string_view name);

// The same for a whole number that is not negative.
std::optional<std::uint64_t> number_member(std::string_view json, std::string_view name);

}  // namespace tallycast::load
