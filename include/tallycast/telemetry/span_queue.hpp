#pragma once
// Spans between those who end them and whoever sends them away: bounded, and full means dropped.
// Any thread.

#include <tallycast/ports/clock.hpp>
#include <tallycast/ports/meter.hpp>
#include <tallycast/ports/tracer.hpp>

#include <atomic>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace tallycast::telemetry {

class span_queue final : public ports::tracer {
public:
    static constexpr std::size_t most_waiting = 4096;

    // `share` of the traces is sampled, from 0 to 1. By their ids, so that all nodes choose the
    // same.
    span_queue(double share, ports::meter& meter);

    // From now on. Any thread.
    void set_share(double share) { share_.store(share, std::memory_order_relaxed); }

    base::trace_context begin(const std::optional<base::trace_context>& caller,
                              bool trusted) override;
    base::trace_context inside(const base::trace_context& parent) override;
    void end(const ports::span& done) override;

    // The oldest, at most so many.
    std::vector<ports::span> take(std::size_t most);

private:
    bool chosen(const base::trace_id& trace) const;

    std::atomic<double> share_;
    ports::meter& meter_;
    std::mutex mutex_;
    std::deque<ports::span> waiting_;
};

// One ExportTraceServiceRequest of OpenTelemetry's protocol (OTLP 1.x), as JSON.
std::string otlp_json(const std::vector<ports::span>& spans, std::string_view version,
                      const ports::clock& clock);

}  // namespace tallycast::telemetry
