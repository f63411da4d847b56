#pragma once
// Whether something that should stay as it is grows. Pure.

#include <vector>

namespace tallycast::load {

struct sample {
    double at_s = 0;
    double value = 0;
};

struct trend {
    double per_hour = 0;      // the slope of the straight line nearest to the samples
    double share = 0;         // by how much of their mean that line rises between first and last
    bool is_growing = false;  // by more than a twentieth
};

// Without the first third: what is warm-up then. Fewer than 3 samples after it have no trend.
trend trend_of(const std::vector<sample>& samples);

}  // namespace tallycast::load
