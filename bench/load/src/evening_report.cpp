#include "evening_report.hpp"

#include <tallycast/load/report.hpp>
#include <tallycast/load/svg_plot.hpp>

#include <algorithm>
#include <iomanip>
#include <ostream>
#include <string>
#include <vector>

namespace tallycast::load {

namespace {

using nlohmann::json;

void print_latency(std::ostream& out, const json& latency) {
    for (const auto* name : {"p50", "p99", "p99.9", "max"})
        out << " " << name << " " << std::setprecision(1) << latency.at(name).get<double>();
    out << " ms";
}

void print_requests(std::ostream& out, const json& requests) {
    out << "  " << requests["acknowledged"] << " of " << requests["wanted"] << " answered, "
        << std::setprecision(1) << requests["acknowledged_per_second"].get<double>() << "/s where "
        << requests["intended_per_second"].get<double>() << "/s were meant;";
    print_latency(out, requests["latency_ms"]);
    out << "\n";
    for (const auto& [status, count] : requests["refusals"].items()) {
        out << "  refused with " << status << ": " << count["with_retry_after"]
            << " told when to come back, " << count["without"] << " not\n";
    }
    if (requests["retries"] != 0) out << "  sent again: " << requests["retries"] << "\n";
}

void print_people(std::ostream& out, const json& people) {
    const auto timed = [&](const char* name, const char* title) {
        if (people[name]["count"] == 0) return;
        out << "  " << title << ": " << people[name]["count"] << ",";
        print_latency(out, people[name]);
        out << "\n";
    };
    timed("entered_ms", "came in");
    timed("revealed_ms", "saw the final results");
    if (people["lost"] != 0 || people["back"] != 0)
        out << "  connections lost " << people["lost"] << ", back " << people["back"] << "\n";
    timed("away_ms", "away");
    for (const auto& [code, count] : people["endings"].items()) {
        out << "  ended by " << (code == "0" ? "a break" : code) << ": " << count["advised"]
            << " told when to come back, " << count["unadvised"] << " not\n";
    }
}

json timed_json(const histogram& what) {
    auto made = latency_json(what);
    made["count"] = what.count();
    return made;
}

}  // namespace

json requests_json(const phase_result& result, std::chrono::duration<double> over) {
    return {{"wanted", result.wanted},
            {"acknowledged", result.settled},
            {"intended_per_second", static_cast<double>(result.wanted) / over.count()},
            {"acknowledged_per_second", result.per_second()},
            {"asked", result.asked},
            {"retries", result.retries},
            {"unanswered", result.unanswered},
            {"connections_lost", result.reconnects},
            {"refusals", refusals_json(result)},
            {"latency_ms", latency_json(result.latency)},
            {"last_try_ms", latency_json(result.last_try)},
            {"settled_in_second", result.settled_in_second},
            {"client_late", result.late},
            {"client_cpu_s", result.cpu.count()}};
}

json people_json(const gathering_figures& figures, std::size_t present) {
    json endings = json::object();
    for (const auto& [code, counts] : figures.endings)
        endings[std::to_string(code)] = {{"advised", counts.first}, {"unadvised", counts.second}};
    return {{"present", present},
            {"lost", figures.lost},
            {"back", figures.back},
            {"attempts", figures.attempts},
            {"messages", figures.messages},
            {"endings", endings},
            {"entered_ms", timed_json(figures.entered)},
            {"away_ms", timed_json(figures.away)},
            {"revealed_ms", timed_json(figures.revealed)}};
}

json server_json(const process_figures& before, const process_figures& after) {
    return {{"cpu_s", after.cpu_s - before.cpu_s},
            {"memory_bytes", after.anonymous_bytes},
            {"descriptors", after.descriptors}};
}

std::string svg_of(const json& report) {
    std::vector<plotted_phase> plotted;
    double begins_s = 0;
    for (const auto& each : report[report.contains("phases") ? "phases" : "rounds"]) {
        auto name = each["phase"].get<std::string>();
        if (each.contains("poll")) name += " " + std::to_string(each["poll"].get<int>());
        plotted.push_back({name, begins_s, each["seconds"].get<double>(), {}, 0});
        if (each.contains("requests")) {
            each["requests"]["settled_in_second"].get_to(plotted.back().per_second);
            plotted.back().p99_ms = each["requests"]["latency_ms"]["p99"].get<double>();
        }
        begins_s += each["seconds"].get<double>();
    }
    return svg_plot(report["mode"].get<std::string>(), plotted);
}

void print_evening_phase(std::ostream& out, const json& phase) {
    out << phase["phase"].get<std::string>();
    if (phase.contains("poll")) out << " " << phase["poll"];
    out << ": " << std::fixed << std::setprecision(1) << phase["seconds"].get<double>() << " s, "
        << phase["people"]["present"] << " people\n";
    if (phase.contains("requests")) print_requests(out, phase["requests"]);
    print_people(out, phase["people"]);
    if (phase.contains("all_back_s") && !phase["all_back_s"].is_null())
        out << "  all were back after " << std::setprecision(2) << phase["all_back_s"].get<double>()
            << " s\n";
    if (!phase.contains("server")) return;
    const auto& server = phase["server"];
    out << "  server: " << std::setprecision(2) << server["cpu_s"].get<double>() << " s of CPU, "
        << server["memory_bytes"].get<std::uint64_t>() / 1024 / 1024 << " MiB of its own, "
        << server["descriptors"] << " descriptors\n";
}

}  // namespace tallycast::load
