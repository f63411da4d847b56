#pragma once
// The page in the text format of OpenMetrics 1.0. Pure.

#include "exemplar_book.hpp"

#include <prometheus/metric_family.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tallycast::telemetry {

// By the name of a histogram; of each a place a bucket, the one above all bounds last.
using exemplars_by_name = std::map<std::string, std::vector<std::optional<exemplar>>>;

std::string open_metrics_page(const std::vector<prometheus::MetricFamily>& families,
                              const exemplars_by_name& exemplars);

}  // namespace tallycast::telemetry
