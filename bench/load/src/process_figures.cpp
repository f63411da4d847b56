#include <tallycast/load/process_figures.hpp>

#include <filesystem>
#include <fstream>
#include <string>

namespace tallycast::load {

namespace {

namespace fs = std::filesystem;

// The first word of a thread's schedstat is its time on a core, in nanoseconds.
double cpu_seconds_of(const fs::path& process) {
    double total = 0;
    std::error_code gone;
    for (const auto& task : fs::directory_iterator(process / "task", gone)) {
        std::ifstream file(task.path() / "schedstat");
        std::uint64_t nanoseconds = 0;
        if (file >> nanoseconds) total += static_cast<double>(nanoseconds) / 1e9;
    }
    return total;
}

}  // namespace

std::uint64_t anonymous_bytes_in(std::istream& smaps) {
    std::uint64_t kilobytes = 0;
    for (std::string word; smaps >> word;) {
        if (word == "Anonymous:" && smaps >> kilobytes) return kilobytes * 1024;
    }
    return 0;
}

process_figures figures_of(const std::vector<int>& pids) {
    process_figures sum;
    for (const int pid : pids) {
        const auto process = fs::path("/proc") / std::to_string(pid);
        sum.cpu_s += cpu_seconds_of(process);
        std::error_code gone;
        for ([[maybe_unused]] const auto& each : fs::directory_iterator(process / "fd", gone))
            ++sum.descriptors;
        std::ifstream smaps(process / "smaps_rollup");
        sum.anonymous_bytes += anonymous_bytes_in(smaps);
    }
    return sum;
}

}  // namespace tallycast::load
