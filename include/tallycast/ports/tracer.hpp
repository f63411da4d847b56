#pragma once
// Where the spans of sampled work go. Any thread; never waits: what cannot be kept is dropped and
// counted.

#include <tallycast/base/time.hpp>
#include <tallycast/base/trace.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace tallycast::ports {

struct span {
    std::string_view name;  // outlives everything
    base::trace_context of;
    base::span_id parent{};
    base::mono_time began{};
    base::mono_time ended{};
    std::string_view method;   // of an HTTP request, and outlives everything
    std::uint16_t status = 0;  // of its answer; 0: this is no request
};

class tracer {
public:
    virtual ~tracer() = default;
    // A new span in the caller's trace, or in one of its own. Whether it is sampled is decided
    // here: by the share of traces that are, or because a caller who is `trusted` wants it.
    virtual base::trace_context begin(const std::optional<base::trace_context>& caller,
                                      bool trusted) = 0;
    // A new span inside this one.
    virtual base::trace_context inside(const base::trace_context& parent) = 0;
    // Only of sampled ones.
    virtual void end(const span& done) = 0;
};

}  // namespace tallycast::ports
