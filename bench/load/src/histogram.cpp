#include <tallycast/load/histogram.hpp>

#include <algorithm>
#include <bit>
#include <cmath>

namespace tallycast::load {

// Values of one power of two share an exponent; the seven bits below the leading one choose the
// step.
std::size_t histogram::bucket_of(std::uint64_t value) noexcept {
    if (value < steps) return static_cast<std::size_t>(value);
    const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - 1 - step_bits;
    return static_cast<std::size_t>((shift + 1) * steps + (value >> shift) - steps);
}

std::uint64_t histogram::bucket_end(std::size_t bucket) noexcept {
    if (bucket < steps) return bucket;
    const std::uint64_t shift = bucket / steps - 1;
    const std::uint64_t lead = bucket % steps + steps;
    return ((lead + 1) << shift) - 1;
}

void histogram::record(std::chrono::nanoseconds latency) {
    const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(latency.count(), 0));
    ++counts_[bucket_of(value)];
    ++count_;
    max_ = std::max(max_, value);
}

void histogram::merge(const histogram& other) {
    for (std::size_t i = 0; i < buckets; ++i) counts_[i] += other.counts_[i];
    count_ += other.count_;
    max_ = std::max(max_, other.max_);
}

std::chrono::nanoseconds histogram::percentile(double share) const {
    if (count_ == 0) return std::chrono::nanoseconds(0);
    const double wanted = std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(count_));
    const auto rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(wanted));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets; ++i) {
        seen += counts_[i];
        if (seen >= rank) return std::chrono::nanoseconds(std::min(bucket_end(i), max_));
    }
    return max();
}

}  // namespace tallycast::load
