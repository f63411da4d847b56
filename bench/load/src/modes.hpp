#pragma once
// What `tallycast bench` can do; each takes its own part of the command line. Exit codes as in
// run.hpp.

#include <string>
#include <vector>

namespace tallycast::load {

inline constexpr int refused_measure = 3;

int run_votes(const std::vector<std::string>& args);
int run_fanout(const std::vector<std::string>& args);
int run_connect(const std::vector<std::string>& args);
int run_event(const std::vector<std::string>& args);
int run_soak(const std::vector<std::string>& args);

}  // namespace tallycast::load
