#include "live_run.hpp"
#include "modes.hpp"

#include <tallycast/load/process_figures.hpp>

#include <algorithm>
#include <iomanip>
#include <optional>
#include <ostream>
#include <thread>

namespace tallycast::load {

namespace {

constexpr std::chrono::milliseconds between_sweeps{20};
constexpr double vote_rate = 20;
// So many come before memory is looked at, so that what a server makes once is not theirs.
constexpr std::uint32_t first_ones = 100;

struct idle_figures {
    double seconds = 0;
    double cpu_s = 0;
    double bytes_a_connection = 0;
};

// Sweeps now and then, as nobody is to be measured by how fast they answer a ping.
void hold(audience& people, std::chrono::duration<double> time) {
    const auto end =
        audience::clock::now() + std::chrono::duration_cast<audience::clock::duration>(time);
    while (audience::clock::now() < end) {
        people.sweep();
        std::this_thread::sleep_for(between_sweeps);
    }
}

// None when not all of them were let in.
std::optional<idle_figures> watch_idle(const live_options& from, audience& people) {
    const auto before = std::min(first_ones, from.subscribers / 2);
    if (!admit_all(people, from, before)) return std::nullopt;
    const auto begun = figures_of(from.pids);
    if (!admit_all(people, from, from.subscribers - before)) return std::nullopt;
    const auto full = figures_of(from.pids);
    const auto at = audience::clock::now();
    hold(people, from.stretch);
    const std::chrono::duration<double> held = audience::clock::now() - at;
    const auto grown =
        static_cast<double>(full.anonymous_bytes) - static_cast<double>(begun.anonymous_bytes);
    return idle_figures{held.count(), figures_of(from.pids).cpu_s - full.cpu_s,
                        grown / (from.subscribers - before)};
}

nlohmann::json report_of(const audience& people, const idle_figures& idle) {
    const auto count = static_cast<double>(people.size());
    return {{"mode", "connect"},
            {"connections", people.size()},
            {"held_s", idle.seconds},
            {"server_cpu_s", idle.cpu_s},
            {"cpu_us_a_connection_second", idle.cpu_s * 1e6 / count / idle.seconds},
            {"pings", people.pings()},
            {"bytes_a_connection", idle.bytes_a_connection}};
}

void print_idle(std::ostream& out, const nlohmann::json& report) {
    out << report["connections"] << " connections held for " << std::fixed << std::setprecision(1)
        << report["held_s"].get<double>() << " s, " << report["pings"] << " pings\n"
        << "  memory of the server's own: " << std::setprecision(0)
        << report["bytes_a_connection"].get<double>() << " bytes a connection\n"
        << "  CPU of the server: " << std::setprecision(2)
        << report["cpu_us_a_connection_second"].get<double>() << " us a connection and second\n";
}

std::optional<nlohmann::json> watch_strangers(const live_options& from, audience& people) {
    const auto idle = watch_idle(from, people);
    if (!idle) return std::nullopt;
    return report_of(people, *idle);
}

// At the end there is one vote, which every one of them must come to see.
std::optional<nlohmann::json> watch_node(const live_options& from, live_run& run) {
    run.join({1});
    auto report = watch_strangers(from, run.people());
    if (report) run.vote(0, vote_rate);
    return report;
}

}  // namespace

int run_connect(const std::vector<std::string>& args) {
    return run_live({live_mode::connect, watch_node, watch_strangers, print_idle}, args);
}

}  // namespace tallycast::load
