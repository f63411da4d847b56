#pragma once
// What one thread counts. Only its own thread writes, so a plain load and store of a relaxed atomic
// is an exact addition, without a locked instruction; anybody may read.

#include "exemplar_book.hpp"

#include <tallycast/ports/meter.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace tallycast::telemetry {

// Seconds; one more slot is for what is above all of them, as behind the sizes.
inline constexpr std::array<double, 14> bucket_bounds{
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
inline constexpr std::array<double, 9> size_bounds{1, 2, 4, 8, 16, 32, 64, 128, 256};

inline constexpr auto count_kinds = static_cast<std::size_t>(ports::count::count_);
inline constexpr auto gauge_kinds = static_cast<std::size_t>(ports::gauge::count_);
inline constexpr auto level_kinds = static_cast<std::size_t>(ports::level::count_);
inline constexpr auto timing_kinds = static_cast<std::size_t>(ports::timing::count_);
inline constexpr auto size_kinds = static_cast<std::size_t>(ports::size::count_);

class own_number {
public:
    void add(std::uint64_t by) {
        value_.store(value_.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
    }
    std::uint64_t read() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

template <std::size_t Bounds>
struct slots {
    std::array<own_number, Bounds + 1> buckets;
    own_number sum;  // of times in nanoseconds

    // Which bucket it fell into.
    std::size_t count(const std::array<double, Bounds>& bounds, double value,
                      std::uint64_t to_sum) {
        const auto bound = std::lower_bound(bounds.begin(), bounds.end(), value);
        const auto bucket = static_cast<std::size_t>(bound - bounds.begin());
        buckets[bucket].add(1);
        sum.add(to_sum);
        return bucket;
    }
};

// Two cache lines apart, as processors fetch them in pairs.
struct alignas(128) meter_block {
    std::array<own_number, count_kinds> counts;
    std::array<own_number, gauge_kinds>
        gauges;  // as two's complement: sums wrap back to what is meant
    std::array<std::atomic<double>, level_kinds> levels{};
    std::array<slots<bucket_bounds.size()>, timing_kinds> timings;
    std::array<slots<size_bounds.size()>, size_kinds> sizes;

    exemplar_book<timing_kinds, bucket_bounds.size() + 1> exemplars;

    // Which bucket it fell into.
    std::size_t observe(std::size_t which, double seconds) {
        constexpr double longest = 1e6;
        const double held = seconds >= 0 ? std::min(seconds, longest) : 0;  // NaN too is 0
        return timings[which].count(bucket_bounds, held,
                                    static_cast<std::uint64_t>(std::llround(held * 1e9)));
    }
};

}  // namespace tallycast::telemetry
