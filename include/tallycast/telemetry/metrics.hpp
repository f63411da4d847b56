#pragma once
// The node's meter and its Prometheus page. Each thread counts in a block of its own (relaxed
// atomics, no lock, no sharing of cache lines); the blocks are summed when the page is rendered. A
// thread's first call takes a lock once to get its block; blocks outlive their threads, so no count
// is ever lost. Any thread. The meter outlives every thread's last call on it.

#include <tallycast/ports/meter.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tallycast::telemetry {

inline constexpr std::string_view metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

struct meter_block;

class metrics final : public ports::meter {
public:
    explicit metrics(std::string_view version);
    ~metrics() override;
    metrics(const metrics&) = delete;
    metrics& operator=(const metrics&) = delete;

    void add(ports::count what, std::uint64_t by = 1) override;
    void move(ports::gauge what, std::int64_t by) override;
    void set(ports::level what, double value) override;
    void observe(ports::timing what, double seconds) override;
    // Kept as the exemplar of its bucket when it is sampled.
    void observe(ports::timing what, double seconds, const base::trace_context& in) override;
    void observe(ports::size what, std::uint64_t count) override;

    // Sums over all threads; exact once they rest.
    std::uint64_t total(ports::count what) const;
    std::int64_t level(ports::gauge what) const;
    // The sum or the highest of all threads, as the page shows it.
    double value(ports::level what) const;
    // Ballots received minus ballots with an outcome: 0 at rest, the ballots under way otherwise.
    std::int64_t ledger_mismatch() const;

    // The page in Prometheus' text format, and in OpenMetrics', which has exemplars.
    std::string render() const;
    std::string render_open_metrics() const;

private:
    class pages;
    meter_block& mine();

    const std::uint64_t instance_;  // tells this meter from every other the process ever had
    std::unique_ptr<pages> pages_;
};

}  // namespace tallycast::telemetry
