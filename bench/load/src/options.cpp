#include <tallycast/load/options.hpp>

#include "common_options.hpp"

#include <algorithm>
#include <iostream>
#include <map>

namespace tallycast::load {

namespace {

constexpr std::uint32_t quick_voters = 3'000;
constexpr std::uint32_t quick_connections = 16;
constexpr double most_voters = 10'000'000;

struct raw_options : common_words {
    double rate = 0;
    std::string steps;
    double settle_s = 0;
    bool quick = false;
};

void declare_crowd(CLI::App& app, options& to) {
    static const std::map<std::string, transport> transports{{"http", transport::http},
                                                             {"websocket", transport::websocket}};
    app.add_option("--voters", to.voters, "Voters, each with one ballot")
        ->check(CLI::Range(1u, 10'000'000u))
        ->capture_default_str();
    app.add_option("--repeat", to.repeat, "Share of the ballots sent again: same key, same body")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    app.add_option("--change", to.change, "Share of the voters who change their vote")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    app.add_option("--connections", to.connections, "Connections in all")
        ->check(CLI::Range(1u, 18'000u))
        ->capture_default_str();
    app.add_option("--threads", to.threads, "Threads of the client")
        ->check(CLI::Range(1u, 64u))
        ->capture_default_str();
    app.add_option("--options", to.choices, "Options of the poll")
        ->check(CLI::Range(2u, 26u))
        ->capture_default_str();
    app.add_option("--transport", to.transport, "How ballots travel: http or websocket")
        ->transform(CLI::CheckedTransformer(transports, CLI::ignore_case).description(""))
        ->type_name("TEXT")
        ->default_str("http");
}

void declare_course(CLI::App& app, options& to, raw_options& raw) {
    auto* rate =
        app.add_option("--rate", raw.rate, "Open loop: sendings a second, whatever the answers do")
            ->check(CLI::Range(0.1, 1e7));
    app.add_option("--steps", raw.steps,
                   "Open loop in steps and ramps: 1000:10,1000-5000:20 is 10 s at 1,000 a second, "
                   "then 20 s from 1,000 to 5,000; as many voters as that takes")
        ->excludes(rate);
    app.add_flag("--tolerate-lag", to.tolerate_lag,
                 "Accept an open loop whose own client was late: for checks of the count");
    app.add_option("--settle", raw.settle_s,
                   "Seconds between the last answer and the comparison: a store that lost its "
                   "primary may need a while to have one again")
        ->check(CLI::Range(0.0, 3600.0))
        ->capture_default_str();
    app.add_flag("--quick", raw.quick, "A short run: 3,000 voters, 16 connections");
}

void declare_files(CLI::App& app, options& to) {
    app.add_option("--svg", to.svg_file, "Draw the answers a second over time into this file");
    app.add_option("--book", to.book_file, "Write every ballot and what it was told here, as CSV");
    app.add_flag("--delete", to.delete_event, "Delete the event afterwards when every check held");
    auto* prepare =
        app.add_option("--prepare", to.prepare_file,
                       "Only join the voters and write one vote request each to this file");
    app.add_option("--replay", to.replay_file, "Only send the requests of such a file, once each")
        ->excludes(prepare);
}

// False, with a word on stderr, when the steps cannot be read.
bool read_course(options& to, const raw_options& raw, const CLI::App& app) {
    if (raw.rate > 0) to.open_loop = schedule::steady(raw.rate);
    if (raw.steps.empty()) return true;
    to.open_loop = schedule::parse(raw.steps);
    if (!to.open_loop) {
        std::cerr << "--steps: expected rate:seconds or rate-rate:seconds, by commas, got '"
                  << raw.steps << "'\n";
        return false;
    }
    const double sendings = 1 + to.repeat + to.change;
    const double voters = static_cast<double>(to.open_loop->questions()) / sendings;
    if (app.count("--voters") == 0)
        to.voters = static_cast<std::uint32_t>(std::clamp(voters, 1.0, most_voters));
    return true;
}

// What the library cannot check by itself; each complaint is printed.
bool complete(options& to, const raw_options& raw, const CLI::App& app) {
    bool good = complete_common(to, raw, app, to.replay_file.empty());
    to.settle = std::chrono::seconds(static_cast<std::int64_t>(raw.settle_s));
    if (raw.quick && app.count("--voters") == 0) to.voters = quick_voters;
    if (raw.quick && app.count("--connections") == 0) to.connections = quick_connections;
    good = read_course(to, raw, app) && good;
    to.threads = std::min({to.threads, to.connections, to.voters});
    return good;
}

}  // namespace

std::variant<options, early_exit> parse_options(const std::vector<std::string>& args) {
    options to;
    raw_options raw;
    CLI::App app(
        "Drives a node with a crowd of voters and checks that every ballot was counted once.",
        "tallycast bench votes");
    app.footer("Other modes: tallycast bench fanout, connect, event, soak.");
    declare_common(app, to, raw);
    declare_crowd(app, to);
    declare_course(app, to, raw);
    declare_files(app, to);
    if (const auto exit = read_arguments(app, args)) return *exit;
    if (!complete(to, raw, app)) return early_exit{2};
    return to;
}

}  // namespace tallycast::load
