#pragma once
// Which trace a piece of work belongs to, as W3C Trace Context has it.

#include <array>
#include <cstdint>

namespace tallycast::base {

using trace_id = std::array<std::uint8_t, 16>;  // never all zero
using span_id = std::array<std::uint8_t, 8>;    // all zero: none

struct trace_context {
    trace_id trace{};
    span_id span{};
    bool sampled = false;
};

}  // namespace tallycast::base
