#include "modes.hpp"
#include "poll_run.hpp"
#include "with_nodes.hpp"

#include <tallycast/load/crowd.hpp>
#include <tallycast/load/host_client.hpp>
#include <tallycast/load/phase.hpp>
#include <tallycast/load/place.hpp>
#include <tallycast/load/replay.hpp>
#include <tallycast/load/report.hpp>
#include <tallycast/load/svg_plot.hpp>

#include <algorithm>
#include <iostream>
#include <thread>

namespace tallycast::load {

namespace {

// False, with a word on stderr, when the client itself was the bottleneck and that is not
// tolerated.
bool is_measure(const phase_result& phase, bool tolerate_lag) {
    const auto why = bottleneck(phase);
    if (!why) return true;
    std::cerr << (tolerate_lag ? "no measure of the node: " : "REFUSED as a measure: ") << *why
              << "\n";
    return tolerate_lag;
}

int run_replay(const options& from, const endpoints& nodes) {
    const auto requests = request_file::read(from.replay_file);
    if (!requests || requests->size() == 0) {
        std::cerr << "--replay: '" << from.replay_file << "' holds no requests\n";
        return 2;
    }
    std::vector<replay_counts> counts(from.threads);
    std::vector<std::unique_ptr<work>> sending;
    for (std::uint64_t i = 0; i < from.threads; ++i) {
        const auto begin = static_cast<std::uint32_t>(requests->size() * i / from.threads);
        const auto end = static_cast<std::uint32_t>(requests->size() * (i + 1) / from.threads);
        sending.push_back(make_replay_work(*requests, begin, end, counts[i]));
    }
    const auto result = run_phase(
        from, {"replaying", nodes, from.open_loop, [] { return make_http_protocol({}); }}, sending);
    std::uint64_t counted = 0;
    for (const auto& each : counts) counted += each.counted;
    auto& out = from.json_file == "-" ? std::cerr : std::cout;
    print_phase(out, "requests", result, from.open_loop.has_value());
    out << "counted " << counted << " of " << result.settled << "\n";
    auto report = phase_json(result);
    report["counted"] = counted;
    if (!publish(from, report) || result.settled != result.wanted) return 1;
    return is_measure(result, from.tolerate_lag) ? 0 : refused_measure;
}

std::string course_of(const run_report& report) {
    std::vector<plotted_phase> plotted;
    double begins_s = 0;
    for (const auto& [name, phase] :
         {std::pair{"joins", &report.joins}, {"votes", &report.votes}}) {
        const double p99_ms = static_cast<double>(phase->latency.percentile(0.99).count()) / 1e6;
        plotted.push_back(
            {name, begins_s, phase->elapsed.count(), phase->settled_in_second, p99_ms});
        begins_s += phase->elapsed.count();
    }
    return svg_plot("votes", plotted);
}

int run_crowd(const options& from, const endpoints& nodes) {
    host_client host(nodes, from.targets.front().authority(), from.host_key,
                     std::min(from.timeout, std::chrono::seconds(120)));
    const auto poll = host.stage(from.choices, from.change > 0, "Load test");
    const stage where{from.targets.front().authority(), poll.code, poll.event, poll.poll};
    auto crowd = make_crowd(
        {from.voters, static_cast<std::uint8_t>(from.choices), from.repeat, from.change, from.seed},
        from.threads);
    run_report report;
    report.joins = join_all(from, nodes, where, crowd);
    if (const auto missing = without_token(crowd); missing > 0) {
        std::cerr << missing << " of " << from.voters << " voters could not join\n";
        print_phase(std::cerr, "joins", report.joins, false);
        return 1;
    }
    if (!from.prepare_file.empty()) {
        const bool written =
            write_requests(from.prepare_file, where, fresh_key_prefix(), poll.option_ids, crowd);
        std::cout << (written ? "prepared " : "could not write ") << from.prepare_file << "\n";
        return written ? 0 : 1;
    }
    report.votes = vote_all(from, nodes, where, poll, crowd, from.open_loop);
    std::this_thread::sleep_for(from.settle);
    report.outcome = settle_accounts(host, poll, books_of(crowd));
    report.transport = from.transport == transport::http ? "http" : "websocket";
    report.event = poll.event;
    report.poll = poll.poll;
    report.seed = from.seed;
    report.open_loop = from.open_loop.has_value();
    print_report(from.json_file == "-" ? std::cerr : std::cout, report);
    if (report.outcome.holds() && from.delete_event) host.delete_event(poll.event);
    bool written = publish(from, report_json(report));
    if (!from.svg_file.empty()) written = write_text(from.svg_file, course_of(report)) && written;
    if (!from.book_file.empty())
        written = write_book(from.book_file, poll.option_ids, books_of(crowd)) && written;
    if (!written || !report.outcome.holds()) return 1;
    return is_measure(report.votes, from.tolerate_lag) ? 0 : refused_measure;
}

}  // namespace

int run_votes(const std::vector<std::string>& args) {
    return with_nodes(parse_options(args), [](const options& from, const endpoints& nodes) {
        return from.replay_file.empty() ? run_crowd(from, nodes) : run_replay(from, nodes);
    });
}

}  // namespace tallycast::load
