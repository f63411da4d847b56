#include "process_families.hpp"

#include "families.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>

namespace tallycast::telemetry {

namespace {

double seconds(const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

std::optional<double> cpu_seconds() {
    rusage used{};
    if (getrusage(RUSAGE_SELF, &used) != 0) return std::nullopt;
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

std::optional<double> resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    double total_pages = 0;
    double resident_pages = 0;
    if (!(statm >> total_pages >> resident_pages)) return std::nullopt;
    return resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

std::optional<double> open_files() {
    std::error_code ec;
    const std::filesystem::directory_iterator files("/proc/self/fd", ec);
    if (ec) return std::nullopt;
    return static_cast<double>(std::distance(begin(files), end(files)) -
                               1);  // one is the folder's own
}

std::optional<double> open_file_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
    return static_cast<double>(limit.rlim_cur);
}

std::optional<double> start_time() {
    std::ifstream own("/proc/self/stat");
    const std::string line{std::istreambuf_iterator<char>(own), {}};
    // The second field is the program's name in brackets and may hold blanks: count from the last
    // one.
    const auto bracket = line.rfind(')');
    if (bracket == std::string::npos) return std::nullopt;
    std::istringstream rest(line.substr(bracket + 1));
    std::string skipped;
    for (int field = 3; field < 22; ++field) rest >> skipped;
    double ticks = 0;
    if (!(rest >> ticks)) return std::nullopt;
    std::ifstream machine("/proc/stat");
    for (std::string word; machine >> word;) {
        double booted = 0;
        if (word == "btime" && machine >> booted)
            return booted + ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
    }
    return std::nullopt;
}

}  // namespace

std::vector<prometheus::MetricFamily> process_families() {
    std::vector<prometheus::MetricFamily> families;
    const auto add = [&](prometheus::MetricFamily one, std::optional<double> value) {
        if (!value) return;
        add_sample(one, *value);
        families.push_back(std::move(one));
    };
    add(counter_family("process_cpu_seconds_total", "User and system CPU time in seconds."),
        cpu_seconds());
    add(gauge_family("process_resident_memory_bytes", "Resident memory in bytes."),
        resident_bytes());
    add(gauge_family("process_open_fds", "Open file descriptors."), open_files());
    add(gauge_family("process_max_fds", "Most file descriptors that may be open."),
        open_file_limit());
    add(gauge_family("process_start_time_seconds", "When the process started, since 1970."),
        start_time());
    return families;
}

}  // namespace tallycast::telemetry
