#include <net/operations_routes.hpp>

#include <gtest/gtest.h>

namespace tallycast::net {
namespace {

TEST(Metrics_form, Is_what_the_scraper_names_and_likes_best) {
    const std::pair<const char*, metrics_form> table[]{
        {"", metrics_form::prometheus},
        {"*/*", metrics_form::prometheus},
        {"text/plain", metrics_form::prometheus},
        {"application/openmetrics-text", metrics_form::open_metrics},
        {"Application/OpenMetrics-Text; version=1.0.0 ; q=0.5, text/plain;q=0.3",
         metrics_form::open_metrics},
        {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q="
         "0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
         metrics_form::open_metrics},
        {"text/plain, application/openmetrics-text;q=0.5", metrics_form::prometheus},
        {"application/openmetrics-text;q=0", metrics_form::prometheus},
        {"application/openmetrics-text;q=none", metrics_form::prometheus},
        {"application/openmetrics-textual", metrics_form::prometheus},
        {",;,;q=,,", metrics_form::prometheus},
    };
    for (const auto& [accept, form] : table) EXPECT_EQ(metrics_form_for(accept), form) << accept;
}

}  // namespace
}  // namespace tallycast::net
