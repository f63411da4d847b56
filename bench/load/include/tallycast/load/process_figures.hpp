#pragma once
// What a server's processes have used so far, from /proc: for servers on this machine.

#include <cstdint>
#include <iosfwd>
#include <vector>

namespace tallycast::load {

struct process_figures {
    double cpu_s = 0;                   // user and system, all threads, as the scheduler counts it
    std::uint64_t anonymous_bytes = 0;  // memory of their own, without files and the kernel's
    std::uint64_t descriptors = 0;      // open ones
};

// The sum over these processes; one that is gone adds nothing.
process_figures figures_of(const std::vector<int>& pids);

// The same as text of /proc/<pid>/smaps_rollup says it.
std::uint64_t anonymous_bytes_in(std::istream& smaps);

}  // namespace tallycast::load
