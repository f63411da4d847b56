#pragma once
// What `tallycast doctor` finds: this machine and its settings, and the store where that is Redis.

#include <tallycast/config/doctor.hpp>

namespace tallycast::server {

// Problems first. Waits for servers, a few seconds at most.
std::vector<config::finding> examine(const config::settings& wanted);

}  // namespace tallycast::server
