#pragma once
// Short ways to write down metric families.

#include <prometheus/metric_family.h>

#include <string>
#include <utility>
#include <vector>

namespace tallycast::telemetry {

inline prometheus::MetricFamily family(std::string name, std::string help,
                                       prometheus::MetricType type) {
    return {std::move(name), std::move(help), type, {}};
}

inline prometheus::MetricFamily counter_family(std::string name, std::string help) {
    return family(std::move(name), std::move(help), prometheus::MetricType::Counter);
}

inline prometheus::MetricFamily gauge_family(std::string name, std::string help) {
    return family(std::move(name), std::move(help), prometheus::MetricType::Gauge);
}

// One sample more, of a counter or gauge.
inline void add_sample(prometheus::MetricFamily& to, double value,
                       std::vector<prometheus::ClientMetric::Label> labels = {}) {
    prometheus::ClientMetric metric;
    metric.label = std::move(labels);
    (to.type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value) =
        value;
    to.metric.push_back(std::move(metric));
}

}  // namespace tallycast::telemetry
