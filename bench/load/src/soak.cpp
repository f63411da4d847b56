#include "evening.hpp"
#include "evening_report.hpp"
#include "modes.hpp"
#include "with_nodes.hpp"

#include <tallycast/load/report.hpp>
#include <tallycast/load/trend.hpp>

#include <iomanip>
#include <iostream>

namespace tallycast::load {

namespace {

using clock = std::chrono::steady_clock;

constexpr double arrivals_per_second = 200;

evening_phase coming(std::uint32_t people) {
    evening_phase made;
    made.what = evening_phase::kind::join;
    made.people = people;
    made.over = std::chrono::duration<double>(1 + people / arrivals_per_second);
    return made;
}

evening_phase voting(std::chrono::duration<double> round) {
    evening_phase made;
    made.what = evening_phase::kind::poll;
    made.over = round;
    made.steady = true;
    return made;
}

void print_round(std::ostream& out, const nlohmann::json& round) {
    const auto& requests = round["requests"];
    const auto& people = round["people"];
    out << std::fixed << std::setprecision(1) << std::setw(8) << round["at_s"].get<double>()
        << " s: " << requests["acknowledged_per_second"].get<double>() << " votes/s, p99 "
        << requests["latency_ms"]["p99"].get<double>() << " ms, results p99 "
        << people["revealed_ms"]["p99"].get<double>() << " ms, "
        << people["messages"].get<double>() / round["seconds"].get<double>() << " messages/s, lost "
        << people["lost"];
    for (const auto& [status, count] : requests["refusals"].items())
        out << ", " << status << " x "
            << count["with_retry_after"].get<int>() + count["without"].get<int>();
    if (round.contains("server")) {
        const auto& server = round["server"];
        out << ", CPU " << std::setprecision(2) << server["cpu_s"].get<double>() << " s, memory "
            << server["memory_bytes"].get<double>() / 1024 / 1024 << " MiB, "
            << server["descriptors"] << " descriptors";
    }
    out << std::endl;  // seen at once, also through a pipe
}

// Of one figure of the server over the rounds.
nlohmann::json trend_json(const nlohmann::json& rounds, const char* name) {
    std::vector<sample> samples;
    for (const auto& each : rounds)
        samples.push_back({each["at_s"].get<double>(), each["server"][name].get<double>()});
    const auto found = trend_of(samples);
    return {{"per_hour", found.per_hour}, {"share", found.share}, {"grew", found.is_growing}};
}

void print_trend(std::ostream& out, const char* name, const nlohmann::json& trend) {
    out << name << (trend["grew"] == true ? " GREW: " : " did not grow: ") << std::fixed
        << std::setprecision(1) << trend["share"].get<double>() * 100
        << " % after the first third, " << std::setprecision(0) << trend["per_hour"].get<double>()
        << " an hour\n";
}

int run_day(const evening_options& from, const endpoints& nodes) {
    auto& out = from.json_file == "-" ? std::cerr : std::cout;
    evening day(from, nodes);
    print_evening_phase(out, day.play(coming(from.people)));
    auto rounds = nlohmann::json::array();
    const auto begun = clock::now();
    while (rounds.empty() || clock::now() < begun + from.lasts) {
        auto round = day.play(voting(from.round));
        // What is kept of a poll is no leak, so nothing is.
        day.forget_poll();
        round["at_s"] = std::chrono::duration<double>(clock::now() - begun).count();
        print_round(out, round);
        rounds.push_back(std::move(round));
    }
    nlohmann::json report{{"mode", "soak"}, {"rounds", rounds}};
    if (!from.pids.empty()) {
        for (const auto* name : {"memory_bytes", "descriptors"}) {
            report[name] = trend_json(rounds, name);
            print_trend(out, name, report[name]);
        }
    }
    return conclude(out, from, day, std::move(report));
}

}  // namespace

int run_soak(const std::vector<std::string>& args) {
    return with_nodes(parse_soak_options(args), run_day);
}

}  // namespace tallycast::load
