#include "live_run.hpp"
#include "modes.hpp"

#include <tallycast/load/process_figures.hpp>
#include <tallycast/load/report.hpp>

#include <cmath>
#include <iomanip>
#include <iostream>
#include <thread>

namespace tallycast::load {

namespace {

// One rate of votes, and what came of it.
struct stretch {
    double rate = 0;
    double seconds = 0;
    double cpu_s = 0;
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
};

// Sweeps on a thread of its own while it lives.
class busy_receiver {
public:
    explicit busy_receiver(audience& people)
        : thread_([&people](const std::stop_token& stop) {
              while (!stop.stop_requested()) people.sweep();
          }) {}

private:
    std::jthread thread_;
};

// What happens to the audience and to the servers during `work`.
template <class Work>
stretch observe(const live_options& from, const audience& people, double rate, Work&& work) {
    const auto cpu = figures_of(from.pids).cpu_s;
    const auto messages = people.messages();
    const auto bytes = people.bytes();
    const auto begun = audience::clock::now();
    work();
    const std::chrono::duration<double> took = audience::clock::now() - begun;
    return {rate, took.count(), figures_of(from.pids).cpu_s - cpu, people.messages() - messages,
            people.bytes() - bytes};
}

nlohmann::json stretch_json(const stretch& what, std::size_t subscribers) {
    const auto count = static_cast<double>(what.messages);
    const auto each = count / static_cast<double>(subscribers) / what.seconds;
    return {{"votes_per_second", what.rate},
            {"seconds", what.seconds},
            {"messages", what.messages},
            {"server_cpu_s", what.cpu_s},
            {"cpu_us_a_message", count > 0 ? what.cpu_s / count * 1e6 : 0},
            {"messages_per_cpu_second", what.cpu_s > 0 ? count / what.cpu_s : 0},
            {"messages_a_subscriber_a_second", each},
            {"bytes_a_message", count > 0 ? static_cast<double>(what.bytes) / count : 0}};
}

nlohmann::json report_of(const audience& people, const std::vector<stretch>& stretches) {
    nlohmann::json all = nlohmann::json::array();
    for (const auto& each : stretches) all.push_back(stretch_json(each, people.size()));
    return {{"mode", "fanout"},
            {"subscribers", people.size()},
            {"stretches", all},
            {"fewest_messages", people.fewest_messages()},
            {"most_messages", people.most_messages()},
            {"spread_ms", latency_json(people.spread())}};
}

void print_stretches(std::ostream& out, const nlohmann::json& report) {
    out << report["subscribers"] << " subscribers\n" << std::fixed;
    for (const auto& each : report["stretches"]) {
        out << "  at " << std::setprecision(0) << each["votes_per_second"].get<double>()
            << " votes/s: " << each["messages"] << " messages, " << std::setprecision(2)
            << each["messages_a_subscriber_a_second"].get<double>() << " a subscriber a second";
        if (each["server_cpu_s"].get<double>() > 0)
            out << ", " << each["cpu_us_a_message"].get<double>() << " us of server CPU each";
        out << "\n";
    }
}

std::optional<nlohmann::json> watch_strangers(const live_options& from, audience& people) {
    if (!admit_all(people, from, from.subscribers)) return std::nullopt;
    stretch seen;
    {
        const busy_receiver receiver(people);
        seen = observe(from, people, 0, [&] { std::this_thread::sleep_for(from.stretch); });
    }
    if (seen.messages > 0) return report_of(people, {seen});
    std::cerr << "no subscriber was told anything\n";
    return std::nullopt;
}

std::optional<nlohmann::json> watch_node(const live_options& from, live_run& run) {
    std::vector<std::uint32_t> voters;
    for (const double rate : from.vote_rates)
        voters.push_back(static_cast<std::uint32_t>(std::ceil(rate * from.stretch.count())));
    run.join(voters);
    if (!admit_all(run.people(), from, from.subscribers)) return std::nullopt;
    std::vector<stretch> stretches;
    {
        const busy_receiver receiver(run.people());
        for (std::size_t i = 0; i < voters.size(); ++i)
            stretches.push_back(observe(from, run.people(), from.vote_rates[i],
                                        [&] { run.vote(i, from.vote_rates[i]); }));
    }
    return report_of(run.people(), stretches);
}

}  // namespace

int run_fanout(const std::vector<std::string>& args) {
    return run_live({live_mode::fanout, watch_node, watch_strangers, print_stretches}, args);
}

}  // namespace tallycast::load
