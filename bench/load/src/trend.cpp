#include <tallycast/load/trend.hpp>

#include <cstddef>

namespace tallycast::load {

namespace {

constexpr std::size_t fewest = 3;
constexpr double tolerated = 0.05;
constexpr double hour_s = 3600;

}  // namespace

trend trend_of(const std::vector<sample>& samples) {
    const std::size_t first = samples.size() / 3;
    const std::size_t count = samples.size() - first;
    if (count < fewest) return {};
    sample mean;
    for (std::size_t i = first; i < samples.size(); ++i) {
        mean.at_s += samples[i].at_s / static_cast<double>(count);
        mean.value += samples[i].value / static_cast<double>(count);
    }
    double together = 0;
    double spread = 0;
    for (std::size_t i = first; i < samples.size(); ++i) {
        const double at = samples[i].at_s - mean.at_s;
        together += at * (samples[i].value - mean.value);
        spread += at * at;
    }
    if (spread <= 0 || mean.value <= 0) return {};
    const double slope = together / spread;
    trend made;
    made.per_hour = slope * hour_s;
    made.share = slope * (samples.back().at_s - samples[first].at_s) / mean.value;
    made.is_growing = made.share > tolerated;
    return made;
}

}  // namespace tallycast::load
