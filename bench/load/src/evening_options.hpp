#pragma once
// What the modes about an evening were asked to do.

#include <tallycast/load/evening_script.hpp>
#include <tallycast/load/options.hpp>

#include <chrono>
#include <string>
#include <variant>
#include <vector>

namespace tallycast::load {

struct evening_options : options {
    evening_script script;           // of `event`
    std::uint32_t people = 1'000;    // of `soak`
    std::chrono::seconds lasts{60};  // of `soak`
    std::chrono::duration<double> round{60};
    double max_hz = 2;
    std::vector<int> pids;
};

std::variant<evening_options, early_exit> parse_event_options(const std::vector<std::string>& args);
std::variant<evening_options, early_exit> parse_soak_options(const std::vector<std::string>& args);

}  // namespace tallycast::load
