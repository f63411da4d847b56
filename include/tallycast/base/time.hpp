#pragma once
// Two times that must never be mixed: what a calendar shows, and what only moves forward.

#include <chrono>

namespace tallycast::base {

using milliseconds = std::chrono::milliseconds;

// Milliseconds since the Unix epoch, UTC. A poll opens, closes and is stamped in it.
using wall_time = std::chrono::sys_time<milliseconds>;

// For limits and deadlines: unmoved by a clock that is set.
using mono_time = std::chrono::steady_clock::time_point;

}  // namespace tallycast::base
