#pragma once
// Runtime flags: what an operator changes on all nodes at once, without a restart. Each has a name,
// one kind of value within bounds, and what it is while nobody has said anything. The table in
// flag.cpp is all there is of them; the store keeps names and texts.

#include <tallycast/base/error.hpp>
#include <tallycast/base/time.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace tallycast::domain {

enum class flag_id : std::uint8_t {
    results_rate = 0,
    sse,
    joins,
    exports,
    trace_share,
    maintenance_notice,
    count_
};

inline constexpr auto flag_kinds = static_cast<std::size_t>(flag_id::count_);

using flag_value = std::variant<bool, double, std::string>;

// A flag as it was set; without a value it is back at its own.
struct flag {
    flag_id which = flag_id::results_rate;
    std::optional<flag_value> value;
    base::wall_time changed_at{};
};

struct flag_kind {
    std::string_view name;
    std::string_view meaning;
    flag_value fallback;  // of its kind; what else fits is said by the bounds
    double least = 0;     // of numbers
    double most = 0;
    std::size_t longest = 0;  // of text, in bytes
};

const flag_kind& kind_of(flag_id which);
std::optional<flag_id> flag_named(std::string_view name);

// invalid_request and why, in a sentence with the flag's name, when it is of another kind or out of
// bounds.
base::result<void> check_flag(flag_id which, const flag_value& value);

// "true", "2.5", or the text itself; and back, by the flag's kind. Nothing when it is not of that
// kind, or out of bounds.
std::string text_of(const flag_value& value);
std::optional<flag_value> flag_value_in(flag_id which, std::string_view text);

}  // namespace tallycast::domain
