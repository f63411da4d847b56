#pragma once
// The process as Prometheus' client libraries all describe it, from /proc.

#include <prometheus/metric_family.h>

#include <vector>

namespace tallycast::telemetry {

// What cannot be read is left out.
std::vector<prometheus::MetricFamily> process_families();

}  // namespace tallycast::telemetry
