#include <tallycast/config/doctor.hpp>

#include <sched.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace tallycast::config {

namespace {

namespace fs = std::filesystem;

template <class Number>
std::optional<Number> first_number(const char* file) {
    std::ifstream content(file);
    Number value{};
    if (content >> value) return value;
    return std::nullopt;
}

void read_file_limits(machine_facts& facts) {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    facts.open_files_soft = limit.rlim_cur;
    facts.open_files_hard = limit.rlim_max;
}

// The folder, or the nearest one above it that exists: where it would be made.
fs::path existing_folder(const std::string& wanted) {
    std::error_code ec;
    fs::path folder = fs::absolute(wanted, ec);
    while (!ec && !fs::exists(folder, ec) && folder.has_relative_path())
        folder = folder.parent_path();
    return folder;
}

void read_disk(machine_facts& facts, const std::string& data_dir) {
    if (data_dir == ":memory:") return;
    const fs::path folder = existing_folder(data_dir);
    std::error_code ec;
    facts.data_dir_writable =
        fs::is_directory(folder, ec) && access(folder.c_str(), W_OK | X_OK) == 0;
    struct statvfs disk {};
    if (statvfs(folder.c_str(), &disk) == 0)
        facts.free_disk_bytes = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
}

std::optional<bool> clock_synchronised() {
    timex state{};
    const int answer = adjtimex(&state);  // with no mode set it only reads
    if (answer < 0) return std::nullopt;  // not allowed in some containers
    return answer != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

std::optional<std::uint64_t> memory_bytes() {
    std::ifstream meminfo("/proc/meminfo");
    std::string label;
    std::uint64_t kilobytes = 0;
    std::optional<std::uint64_t> machine;
    if (meminfo >> label >> kilobytes && label == "MemTotal:") machine = kilobytes * 1024;
    // "max" where there is no limit: no number, and so none.
    const auto group = first_number<std::uint64_t>("/sys/fs/cgroup/memory.max");
    if (!group) return machine;
    return machine ? std::min(*machine, *group) : group;
}

std::optional<std::uint32_t> own_cores() {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    if (sched_getaffinity(0, sizeof cores, &cores) != 0) return std::nullopt;
    return static_cast<std::uint32_t>(CPU_COUNT(&cores));
}

}  // namespace

machine_facts read_machine_facts(const settings& wanted) {
    machine_facts facts;
    read_file_limits(facts);
    read_disk(facts, wanted.data_dir);
    facts.clock_synchronised = clock_synchronised();
    facts.memory_bytes = memory_bytes();
    facts.cores = own_cores();
    std::ifstream range("/proc/sys/net/ipv4/ip_local_port_range");
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    if (range >> first >> last) {
        facts.ephemeral_port_first = first;
        facts.ephemeral_port_last = last;
    }
    facts.somaxconn = first_number<std::uint32_t>("/proc/sys/net/core/somaxconn");
    return facts;
}

}  // namespace tallycast::config
