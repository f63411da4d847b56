#pragma once
// What one thread counts. Only its own thread writes, so a plain load and store of a relaxed atomic
// is an exact addition, without a locked instruction; anybody may read.

#include <tallycast/ports/meter.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace tallycast::telemetry {

// Seconds; one more slot is for what is above all of them.
inline constexpr std::array<double, 14> bucket_bounds{
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

inline constexpr auto count_kinds = static_cast<std::size_t>(ports::count::count_);
inline constexpr auto gauge_kinds = static_cast<std::size_t>(ports::gauge::count_);
inline constexpr auto timing_kinds = static_cast<std::size_t>(ports::timing::count_);

class own_number {
public:
    void add(std::uint64_t by) {
        value_.store(value_.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
    }
    std::uint64_t read() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

struct timing_slots {
    std::array<own_number, bucket_bounds.size() + 1> buckets;
    own_number nanoseconds;
};

// Two cache lines apart, as processors fetch them in pairs.
struct alignas(128) meter_block {
    std::array<own_number, count_kinds> counts;
    std::array<own_number, gauge_kinds>
        gauges;  // as two's complement: sums wrap back to what is meant
    std::array<timing_slots, timing_kinds> timings;

    void observe(std::size_t which, double seconds) {
        constexpr double longest = 1e6;
        const double held = seconds >= 0 ? std::min(seconds, longest) : 0;  // NaN too is 0
        const auto bound = std::lower_bound(bucket_bounds.begin(), bucket_bounds.end(), held);
        timings[which].buckets[static_cast<std::size_t>(bound - bucket_bounds.begin())].add(1);
        timings[which].nanoseconds.add(static_cast<std::uint64_t>(std::llround(held * 1e9)));
    }
};

}  // namespace tallycast::telemetry
