#include "evening_options.hpp"

#include "common_options.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>

namespace tallycast::load {

namespace {

constexpr std::uint32_t quick_people = 200;
constexpr std::uint32_t usual_connections = 256;

struct evening_words : common_words {
    usual_evening usual;
    std::string script_file;
    std::string lasts = "1m";
    double round_s = 60;
    bool quick = false;
};

void declare_evening(CLI::App& app, evening_options& to) {
    static const std::map<std::string, transport> transports{{"http", transport::http},
                                                             {"websocket", transport::websocket}};
    to.connections = usual_connections;
    to.repeat = 0;
    app.add_option("--connections", to.connections,
                   "Connections that carry joins and ballots, beside one WebSocket a person")
        ->check(CLI::Range(1u, 18'000u))
        ->capture_default_str();
    app.add_option("--transport", to.transport, "How ballots travel: http or websocket")
        ->transform(CLI::CheckedTransformer(transports, CLI::ignore_case).description(""))
        ->type_name("TEXT")
        ->default_str("http");
    app.add_option("--repeat", to.repeat, "Share of the ballots sent again: same key, same body")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    app.add_option("--max-hz", to.max_hz, "Results a person asks for, a second at most")
        ->check(CLI::Range(0.1, 20.0))
        ->capture_default_str();
    app.add_option("--pid", to.pids,
                   "Process of a node, for its CPU, memory and descriptors; repeat it for several")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    app.add_flag("--tolerate-lag", to.tolerate_lag,
                 "Accept a run whose own client was late: for checks of the count");
    app.add_option("--svg", to.svg_file, "Draw the answers a second over time into this file");
    app.add_flag("--delete", to.delete_event, "Delete the event afterwards when every check held");
}

void declare_usual(CLI::App& app, evening_words& words) {
    auto& usual = words.usual;
    app.add_option("--people", usual.people, "Who come, vote and watch")
        ->check(CLI::Range(1u, most_people))
        ->capture_default_str();
    app.add_option("--join-seconds", usual.join_s, "Within which they come")
        ->check(CLI::Range(0.1, 3600.0))
        ->capture_default_str();
    app.add_option("--polls", usual.polls, "One after the other")
        ->check(CLI::Range(0u, 1'000u))
        ->capture_default_str();
    app.add_option("--burst-seconds", usual.burst_s,
                   "Within which all of them vote, most of them at once")
        ->check(CLI::Range(0.1, 3600.0))
        ->capture_default_str();
    app.add_option("--cut", usual.cut, "Share of the connections cut after the first poll")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    app.add_option(
        "--script", words.script_file,
        "Another evening, as JSON: [{\"do\": \"join\", \"people\": 500, \"over_s\": 10}, "
        "{\"do\": \"poll\", ...}, ...]; do is join, poll, storm, hold or leave");
    app.add_flag("--quick", words.quick, "A short run: 200 people, 2 polls, a second or two each");
}

void make_quick(usual_evening& usual, const CLI::App& app) {
    const auto unsaid = [&](const char* name) { return app.count(name) == 0; };
    if (unsaid("--people")) usual.people = quick_people;
    if (unsaid("--join-seconds")) usual.join_s = 1;
    if (unsaid("--polls")) usual.polls = 2;
    if (unsaid("--burst-seconds")) usual.burst_s = 2;
    usual.leave_s = 1;
}

// False, with a word on stderr, when the script cannot be read.
bool read_script(evening_options& to, const std::string& file) {
    std::ifstream in(file);
    auto parsed = parse_script(nlohmann::json::parse(in, nullptr, false));
    if (const auto* why = std::get_if<std::string>(&parsed)) {
        std::cerr << "--script: '" << file << "' is no script: " << *why << "\n";
        return false;
    }
    to.script = std::get<evening_script>(std::move(parsed));
    return true;
}

// A phase may last longer than the time-out was meant for.
void leave_time(evening_options& to, std::chrono::duration<double> phase) {
    constexpr std::chrono::seconds after{60};
    to.timeout = std::max(to.timeout, std::chrono::ceil<std::chrono::seconds>(phase) + after);
}

// "90s", "30m", "8h", or seconds. None when it is not of this form.
std::optional<std::chrono::seconds> read_time(const std::string& text) {
    const std::map<char, double> units{{'s', 1}, {'m', 60}, {'h', 3600}};
    std::size_t used = 0;
    double count = 0;
    try {
        count = std::stod(text, &used);
    } catch (const std::exception&) {
        return std::nullopt;
    }
    if (used < text.size()) {
        const auto unit = units.find(text[used]);
        if (unit == units.end() || used + 1 < text.size()) return std::nullopt;
        count *= unit->second;
    }
    if (!(count >= 1 && count <= 30 * 86'400.0)) return std::nullopt;
    return std::chrono::seconds(static_cast<std::int64_t>(count));
}

}  // namespace

std::variant<evening_options, early_exit> parse_event_options(
    const std::vector<std::string>& args) {
    evening_options to;
    evening_words words;
    CLI::App app(
        "An evening: people come in a wave, vote in a rush when a poll opens, see its results when "
        "it closes, are cut off and come back, and go.",
        "tallycast bench event");
    declare_common(app, to, words);
    declare_evening(app, to);
    declare_usual(app, words);
    if (const auto exit = read_arguments(app, args)) return *exit;
    bool good = complete_common(to, words, app, true);
    if (words.quick) make_quick(words.usual, app);
    if (words.script_file.empty()) to.script = script_of(words.usual);
    else good = read_script(to, words.script_file) && good;
    if (!good) return early_exit{2};
    for (const auto& phase : to.script) leave_time(to, phase.over);
    return to;
}

std::variant<evening_options, early_exit> parse_soak_options(const std::vector<std::string>& args) {
    evening_options to;
    evening_words words;
    CLI::App app(
        "The same people for a long time, who vote steadily in one poll after the other: does a "
        "node stay as it is?",
        "tallycast bench soak");
    declare_common(app, to, words);
    declare_evening(app, to);
    app.add_option("--people", to.people, "Who watch all the time and vote once in each poll")
        ->check(CLI::Range(1u, most_people))
        ->capture_default_str();
    app.add_option("--for", words.lasts, "How long, as 90s, 30m or 8h")->capture_default_str();
    app.add_option("--round", words.round_s, "Seconds of a poll; each gives one line")
        ->check(CLI::Range(0.1, 3600.0))
        ->capture_default_str();
    if (const auto exit = read_arguments(app, args)) return *exit;
    bool good = complete_common(to, words, app, true);
    if (const auto time = read_time(words.lasts)) {
        to.lasts = *time;
    } else {
        std::cerr << "--for: expected a time such as 90s, 30m or 8h, got '" << words.lasts << "'\n";
        good = false;
    }
    if (!good) return early_exit{2};
    to.round = std::chrono::duration<double>(words.round_s);
    leave_time(to, to.round);
    return to;
}

}  // namespace tallycast::load
