#pragma once
// Latencies in logarithmic buckets: each power of two is cut into 128 steps, so a percentile is off
// by less than 1 %. Values below 128 are kept exactly. One thread at a time.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tallycast::load {

class histogram {
public:
    void record(std::chrono::nanoseconds latency);
    void merge(const histogram& other);

    std::uint64_t count() const noexcept { return count_; }
    std::chrono::nanoseconds max() const noexcept { return std::chrono::nanoseconds(max_); }

    // share: 0 to 1. The smallest recorded value that at least this share of all values does not
    // exceed, rounded up to its bucket's end, never above max(). 0 when nothing was recorded.
    std::chrono::nanoseconds percentile(double share) const;

private:
    static constexpr unsigned step_bits = 7;
    static constexpr std::uint64_t steps = 1u << step_bits;
    static constexpr std::size_t buckets = (64 - step_bits + 1) * steps;

    static std::size_t bucket_of(std::uint64_t value) noexcept;
    static std::uint64_t bucket_end(std::size_t bucket) noexcept;

    std::array<std::uint64_t, buckets> counts_{};
    std::uint64_t count_ = 0;
    std::uint64_t max_ = 0;
};

}  // namespace tallycast::load
