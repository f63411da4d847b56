#pragma once
// The last traced observation of each bucket: an exemplar, as OpenMetrics has it. Few observations
// are traced, so what is locked here is hardly ever waited for. Any thread.

#include <tallycast/base/time.hpp>
#include <tallycast/base/trace.hpp>

#include <array>
#include <cstddef>
#include <mutex>
#include <optional>

namespace tallycast::telemetry {

struct exemplar {
    base::trace_id trace{};
    double value = 0;
    base::wall_time at{};
};

template <std::size_t Kinds, std::size_t Buckets>
class exemplar_book {
public:
    void put(std::size_t kind, std::size_t bucket, const exemplar& seen) {
        const std::lock_guard lock(mutex_);
        last_[kind][bucket] = seen;
    }
    std::optional<exemplar> last(std::size_t kind, std::size_t bucket) const {
        const std::lock_guard lock(mutex_);
        return last_[kind][bucket];
    }

private:
    mutable std::mutex mutex_;
    std::array<std::array<std::optional<exemplar>, Buckets>, Kinds> last_;
};

}  // namespace tallycast::telemetry
