#include <tallycast/load/run.hpp>

#include <tallycast/load/crowd.hpp>
#include <tallycast/load/host_client.hpp>
#include <tallycast/load/options.hpp>
#include <tallycast/load/phase.hpp>
#include <tallycast/load/replay.hpp>
#include <tallycast/load/report.hpp>
#include <tallycast/load/verify.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <iostream>
#include <random>
#include <thread>

namespace tallycast::load {

namespace {

using endpoint = boost::asio::ip::tcp::endpoint;
using endpoints = std::vector<endpoint>;
using parts = std::vector<std::unique_ptr<work>>;

// None, with a word on stderr, when the name leads nowhere or off this machine without leave.
std::optional<endpoint> find_node(const target_address& target, bool own_target) {
    boost::asio::io_context io;
    boost::system::error_code error;
    const auto found = boost::asio::ip::tcp::resolver(io).resolve(target.host, target.port, error);
    if (error || found.empty()) {
        std::cerr << "--target: cannot find '" << target.host << "': " << error.message() << "\n";
        return std::nullopt;
    }
    const bool here = std::all_of(found.begin(), found.end(), [](const auto& each) {
        return each.endpoint().address().is_loopback();
    });
    if (!here && !own_target) {
        std::cerr << "--target: '" << target.host << "' is not this machine; load is for your own "
                  << "servers: say --i-own-this-target if it is yours\n";
        return std::nullopt;
    }
    // A name may stand for both families while the node listens on one of them.
    const auto v4 = std::find_if(found.begin(), found.end(), [](const auto& each) {
        return each.endpoint().address().is_v4();
    });
    return v4 == found.end() ? found.begin()->endpoint() : v4->endpoint();
}

// None when one of them cannot be used.
std::optional<endpoints> find_nodes(const options& from) {
    endpoints all;
    for (const auto& target : from.targets) {
        const auto node = find_node(target, from.own_target);
        if (!node) return std::nullopt;
        all.push_back(*node);
    }
    return all;
}

// Every connection is a descriptor, and the usual soft limit is 1,024.
void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

// Keys of two runs against one poll must never meet.
std::string fresh_key_prefix() {
    constexpr std::string_view digits = "0123456789abcdef";
    std::random_device random;
    std::string made = "b";
    for (int i = 0; i < 8; ++i) made.push_back(digits[random() % digits.size()]);
    return made + "-";
}

phase_result join_all(const options& from, const endpoints& nodes, const stage& where,
                      std::vector<plan>& crowd) {
    parts joining;
    for (auto& part : crowd) joining.push_back(make_join_work(part));
    const auto speaks = [where] { return make_http_protocol(where); };
    return run_phase(from, {"joining", nodes, std::nullopt, speaks}, joining);
}

phase_result vote_all(const options& from, const endpoints& nodes, const stage& where,
                      const staged_poll& poll, std::vector<plan>& crowd) {
    parts voting;
    for (auto& part : crowd) {
        const auto prefix = fresh_key_prefix();
        voting.push_back(make_vote_work(part, prefix, poll.option_ids));
    }
    const bool live = from.transport == transport::websocket;
    const auto speaks = [where, live] {
        return live ? make_live_protocol(where) : make_http_protocol(where);
    };
    return run_phase(from, {"voting", nodes, from.rate, speaks}, voting);
}

std::uint64_t without_token(const std::vector<plan>& crowd) {
    std::uint64_t count = 0;
    for (const auto& part : crowd) {
        for (const auto& each : part.book.voters) count += each.token.empty() ? 1 : 0;
    }
    return count;
}

std::vector<const ballot_book*> books_of(const std::vector<plan>& crowd) {
    std::vector<const ballot_book*> books;
    for (const auto& part : crowd) books.push_back(&part.book);
    return books;
}

verdict settle_accounts(host_client& host, const staged_poll& poll,
                        const std::vector<plan>& crowd) {
    host.close_poll(poll.poll);
    node_truth truth;
    truth.results = host.final_results(poll.poll);
    truth.ledger = host.ledger(poll.poll);
    truth.rows = read_export(host.export_csv(poll.poll));
    return verify(books_of(crowd), poll.option_ids, truth);
}

int run_replay(const options& from, const endpoints& nodes) {
    const auto requests = request_file::read(from.replay_file);
    if (!requests || requests->size() == 0) {
        std::cerr << "--replay: '" << from.replay_file << "' holds no requests\n";
        return 2;
    }
    std::vector<replay_counts> counts(from.threads);
    parts sending;
    for (std::uint64_t i = 0; i < from.threads; ++i) {
        const auto begin = static_cast<std::uint32_t>(requests->size() * i / from.threads);
        const auto end = static_cast<std::uint32_t>(requests->size() * (i + 1) / from.threads);
        sending.push_back(make_replay_work(*requests, begin, end, counts[i]));
    }
    const auto result = run_phase(
        from, {"replaying", nodes, from.rate, [] { return make_http_protocol({}); }}, sending);
    std::uint64_t counted = 0;
    for (const auto& each : counts) counted += each.counted;
    auto& out = from.json_file == "-" ? std::cerr : std::cout;
    print_phase(out, "requests", result, from.rate.has_value());
    out << "counted " << counted << " of " << result.settled << "\n";
    auto report = phase_json(result);
    report["counted"] = counted;
    const bool written = from.json_file.empty() || write_json(from.json_file, report);
    return written && result.settled == result.wanted ? 0 : 1;
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
    report.votes = vote_all(from, nodes, where, poll, crowd);
    std::this_thread::sleep_for(from.settle);
    report.outcome = settle_accounts(host, poll, crowd);
    report.transport = from.transport == transport::http ? "http" : "websocket";
    report.event = poll.event;
    report.poll = poll.poll;
    report.seed = from.seed;
    report.open_loop = from.rate.has_value();
    print_report(from.json_file == "-" ? std::cerr : std::cout, report);
    if (report.outcome.holds() && from.delete_event) host.delete_event(poll.event);
    bool written = from.json_file.empty() || write_json(from.json_file, report_json(report));
    if (!from.book_file.empty())
        written = write_book(from.book_file, poll.option_ids, books_of(crowd)) && written;
    return written && report.outcome.holds() ? 0 : 1;
}

}  // namespace

int run(const std::vector<std::string>& args) {
    const auto parsed = parse_options(args);
    if (const auto* exit = std::get_if<early_exit>(&parsed)) return exit->code;
    const auto& from = std::get<options>(parsed);
    const auto nodes = find_nodes(from);
    if (!nodes) return 2;
    raise_descriptor_limit();
    try {
        return from.replay_file.empty() ? run_crowd(from, *nodes) : run_replay(from, *nodes);
    } catch (const host_error& error) {
        std::cerr << "bench: " << error.what() << "\n";
        return 1;
    }
}

}  // namespace tallycast::load
