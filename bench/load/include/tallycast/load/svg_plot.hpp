#pragma once
// The course of a run as a picture: answers a second over time, the phases below each other's
// names, and the 99th percentile of each. Pure.

#include <cstdint>
#include <string>
#include <vector>

namespace tallycast::load {

struct plotted_phase {
    std::string name;  // plain ASCII without markup
    double begins_s = 0;
    double lasts_s = 0;
    std::vector<std::uint64_t> per_second;  // since it began; empty: nothing was asked in it
    double p99_ms = 0;
};

// A whole SVG document.
std::string svg_plot(const std::string& title, const std::vector<plotted_phase>& phases);

}  // namespace tallycast::load
