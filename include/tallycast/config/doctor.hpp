#pragma once
// What `tallycast doctor` and the start look at: does this machine carry these settings? examine()
// is pure; read_machine_facts() reads /proc and the data folder and changes nothing that lasts.

#include <tallycast/config/settings.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tallycast::config {

// What could not be read is absent, and is then not judged.
struct machine_facts {
    std::optional<std::uint64_t> open_files_soft;
    std::optional<std::uint64_t> open_files_hard;
    std::optional<std::uint64_t> free_disk_bytes;  // where data_dir is or would be made
    std::optional<bool> data_dir_writable;
    std::optional<bool> clock_synchronised;
    std::optional<std::uint64_t> memory_bytes;  // of the machine, or of the control group if less
    std::optional<std::uint32_t> cores;         // this process may use
    std::optional<std::uint32_t> ephemeral_port_first;  // net.ipv4.ip_local_port_range
    std::optional<std::uint32_t> ephemeral_port_last;
    std::optional<std::uint32_t> somaxconn;
};

enum class finding_severity : std::uint8_t { advice = 1, warning, problem };

struct finding {
    finding_severity severity = finding_severity::advice;
    std::string what;  // a sentence with the numbers seen
    std::string fix;   // what to do about it, one sentence
};

// Problems first. A problem means: the node would not start, or would lose what it promises.
std::vector<finding> examine(const settings& wanted, const machine_facts& machine);

machine_facts read_machine_facts(const settings& wanted);

// The connections that fit into the open-file limit, at most s.max_connections.
std::uint32_t connections_that_fit(const settings& s, std::uint64_t open_file_limit);

}  // namespace tallycast::config
