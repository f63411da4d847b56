#include <tallycast/config/doctor.hpp>

#include "rules.hpp"

#include <algorithm>

namespace tallycast::config {

namespace {

constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;
constexpr std::uint64_t gib = 1024 * mib;

// Descriptors the node needs besides clients': the data file and its journal, listeners, event
// queues.
constexpr std::uint64_t files_kept_back = 128;
// What a connection costs with its buffers, in the node and in the kernel, when all of them are
// busy.
constexpr std::uint64_t bytes_a_connection = 32 * kib;
constexpr std::uint64_t bytes_of_the_node = 64 * mib;
constexpr std::uint32_t enough_backlog = 1024;
constexpr std::chrono::seconds usual_grace_of_supervisors{30};

std::string as_mib(std::uint64_t bytes) { return std::to_string(bytes / mib) + " MiB"; }

bool is_everywhere(const endpoint& where) {
    return where.address == "0.0.0.0" || where.address == "::";
}
bool is_loopback(const endpoint& where) {
    return where.address.starts_with("127.") || where.address == "::1";
}

class examination {
public:
    examination(const settings& wanted, const machine_facts& machine)
        : wanted_(wanted), machine_(machine) {}

    std::vector<finding> run() {
        open_files();
        data_folder();
        durability_level();
        clock();
        memory();
        threads();
        ports();
        backlog();
        listeners();
        keys();
        limits();
        drain();
        std::stable_sort(found_.begin(), found_.end(), [](const finding& a, const finding& b) {
            return a.severity > b.severity;
        });
        return std::move(found_);
    }

private:
    void problem(std::string what, std::string fix) { add(finding_severity::problem, what, fix); }
    void warning(std::string what, std::string fix) { add(finding_severity::warning, what, fix); }
    void advice(std::string what, std::string fix) { add(finding_severity::advice, what, fix); }
    void add(finding_severity severity, std::string& what, std::string& fix) {
        found_.push_back({severity, std::move(what), std::move(fix)});
    }

    void open_files() {
        if (!machine_.open_files_soft) return;
        const std::uint64_t soft = *machine_.open_files_soft;
        const std::uint64_t needed = wanted_.max_connections + files_kept_back;
        if (soft >= needed) return;
        const std::uint32_t fit = connections_that_fit(wanted_, soft);
        const std::string what = "The open-file limit is " + std::to_string(soft) + ": room for " +
                                 std::to_string(fit) + " of " +
                                 std::to_string(wanted_.max_connections) + " connections.";
        const std::string raise = "`ulimit -n " + std::to_string(needed) +
                                  "`, or `LimitNOFILE=" + std::to_string(needed) +
                                  "` in the systemd unit";
        if (fit == 0) return problem(what, "Raise it: " + raise + ".");
        if (machine_.open_files_hard.value_or(needed) >= needed)
            return warning(what, "Raise the soft limit: " + raise + ".");
        warning(what, "The hard limit is " + std::to_string(*machine_.open_files_hard) +
                          ": raise that too (" + raise + "), or set --max-connections " +
                          std::to_string(fit) + " and run more nodes.");
    }

    void data_folder() {
        if (!is_embedded(wanted_) || wanted_.data_dir == ":memory:") return;
        const std::string folder = "The data folder \"" + wanted_.data_dir + "\"";
        if (machine_.data_dir_writable == false)
            problem(folder + " cannot be written.",
                    "Give it to the user the node runs as, or set --data-dir.");
        if (!machine_.free_disk_bytes) return;
        const std::uint64_t free = *machine_.free_disk_bytes;
        const std::string what = folder + " has " + as_mib(free) + " of free space.";
        constexpr std::string_view fix = "Free some, or set --data-dir to a larger disk.";
        if (free < 64 * mib) problem(what, std::string(fix));
        else if (free < gib) warning(what, std::string(fix));
    }

    void durability_level() {
        if (wanted_.durability != durability::memory) return;
        const bool folderless = wanted_.data_dir == ":memory:";
        std::string what = folderless
                               ? "With --data-dir :memory: every vote is lost when the node ends."
                               : "With --durability memory votes are lost when the node ends.";
        std::string fix = folderless ? "Set --data-dir to a folder." : "Set --durability fsync.";
        if (wanted_.production) warning(std::move(what), std::move(fix));
        else advice(std::move(what), std::move(fix));
    }

    void clock() {
        if (machine_.clock_synchronised == false)
            warning("The machine's clock is not synchronised; polls close by it.",
                    "Run chrony or systemd-timesyncd.");
    }

    void memory() {
        if (!machine_.memory_bytes) return;
        const std::uint64_t needed =
            bytes_of_the_node + wanted_.max_connections * bytes_a_connection;
        if (needed > *machine_.memory_bytes)
            warning(std::to_string(wanted_.max_connections) + " busy connections may take " +
                        as_mib(needed) + "; there are " + as_mib(*machine_.memory_bytes) +
                        " of memory.",
                    "Lower --max-connections, or give the node more memory.");
    }

    void threads() {
        if (machine_.cores && wanted_.threads > *machine_.cores)
            advice(std::to_string(wanted_.threads) + " I/O threads share " +
                       std::to_string(*machine_.cores) + " cores.",
                   "Set --threads to the number of cores, or leave it out.");
    }

    void ports() {
        if (!machine_.ephemeral_port_first || !machine_.ephemeral_port_last) return;
        for (const auto& [option, port] : {std::pair{"--listen", wanted_.listen.port},
                                           std::pair{"--ops-listen", wanted_.ops_listen.port}}) {
            if (port < *machine_.ephemeral_port_first || port > *machine_.ephemeral_port_last)
                continue;
            const std::string text = std::to_string(port);
            warning(
                "The port of " + std::string(option) + ", " + text +
                    ", is one the system gives to outgoing connections (" +
                    std::to_string(*machine_.ephemeral_port_first) + " to " +
                    std::to_string(*machine_.ephemeral_port_last) +
                    "): it may be taken at the next start.",
                "Choose another, or `sysctl -w net.ipv4.ip_local_reserved_ports=" + text + "`.");
        }
    }

    void backlog() {
        if (machine_.somaxconn && *machine_.somaxconn < enough_backlog)
            warning("At most " + std::to_string(*machine_.somaxconn) +
                        " connections may wait to be accepted; a crowd that joins at once waits in "
                        "the thousands.",
                    "`sysctl -w net.core.somaxconn=4096`.");
    }

    void listeners() {
        if (is_everywhere(wanted_.ops_listen))
            warning("The operations listener is open on every address and asks for no credential.",
                    "Set --ops-listen to an address of the inner network, or close its port in the "
                    "firewall.");
        for (const auto& block : wanted_.trusted_proxies)
            if (block.ends_with("/0"))
                warning("--trusted-proxies " + block +
                            " lets every client choose its own address, and with it its limits.",
                        "Name only the addresses of your proxies.");
        if (is_loopback(wanted_.listen) && wanted_.trusted_proxies.empty())
            advice(
                "--listen is reached through a proxy only, and no proxy is trusted: all clients "
                "share one address and its limits.",
                "Set --trusted-proxies to the proxy's address, such as 127.0.0.1.");
        if (wanted_.production && wanted_.secure_cookies == cookie_policy::never)
            warning("--secure-cookies off sends voters' cookies over plain HTTP too.",
                    "Set --secure-cookies auto or on.");
    }

    void keys() {
        const auto weak = [this](std::string_view option, std::string_view how) {
            warning("The key of " + std::string(option) + " is weak: it may be guessed.",
                    "Take one of 32 random bytes: " + std::string(how) + ".");
        };
        if (!wanted_.operator_key.empty() && is_weak_key(wanted_.operator_key))
            weak("--operator-key", how_to_make_a_key);
        if (!wanted_.host_key.empty() && is_weak_key(wanted_.host_key))
            weak("--host-key", how_to_make_a_key);
        if (std::ranges::any_of(wanted_.token_keys,
                                [](const auto& key) { return is_weak_key(key.secret); }))
            weak("--token-keys", how_to_make_a_token_key);
    }

    void limits() {
        if (!wanted_.limits.on)
            warning("All rate limits are off.", "Set --limits on outside of load tests.");
    }

    void drain() {
        if (wanted_.drain_timeout >= usual_grace_of_supervisors)
            advice("--drain-timeout is " + std::to_string(wanted_.drain_timeout.count()) +
                       " ms; Kubernetes kills after 30 s unless told otherwise.",
                   "Lower it, or raise terminationGracePeriodSeconds (systemd: TimeoutStopSec) "
                   "above it.");
    }

    const settings& wanted_;
    const machine_facts& machine_;
    std::vector<finding> found_;
};

}  // namespace

std::uint32_t connections_that_fit(const settings& s, std::uint64_t open_file_limit) {
    if (open_file_limit <= files_kept_back) return 0;
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>(s.max_connections, open_file_limit - files_kept_back));
}

std::vector<finding> examine(const settings& wanted, const machine_facts& machine) {
    return examination(wanted, machine).run();
}

}  // namespace tallycast::config
