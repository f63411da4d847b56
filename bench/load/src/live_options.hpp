#pragma once
// What the modes about subscribers were asked to do.

#include <tallycast/load/options.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace tallycast::load {

struct live_options : options {
    std::uint32_t subscribers = 1'000;
    std::vector<double> vote_rates{20};  // fanout: one stretch each
    std::chrono::duration<double> stretch{5};
    double max_hz = 10;
    std::vector<int> pids;  // of what is measured; none: nothing is known of its CPU and memory
    // Another server than a node: subscribe here, count what comes, check nothing else.
    std::string path;
    std::string say;
};

enum class live_mode { fanout, connect };

std::variant<live_options, early_exit> parse_live_options(live_mode mode,
                                                          const std::vector<std::string>& args);

}  // namespace tallycast::load
