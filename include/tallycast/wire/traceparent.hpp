#pragma once
// The field `traceparent` of W3C Trace Context:
//
//   version "-" trace-id "-" parent-id "-" flags     2, 32, 16 and 2 lower-case hexadecimal digits
//
// Bit 0 of the flags says "sampled". Later versions may go on behind another "-".

#include <tallycast/base/trace.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace tallycast::wire {

// Nothing for whatever is not of that form, for version ff and for ids of zeros.
std::optional<base::trace_context> read_traceparent(std::string_view text);

std::string write_traceparent(const base::trace_context& context);

}  // namespace tallycast::wire
