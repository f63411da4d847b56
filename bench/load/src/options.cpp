#include <tallycast/load/options.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iostream>
#include <map>
#include <random>

namespace tallycast::load {

namespace {

constexpr std::uint32_t quick_voters = 3'000;
constexpr std::uint32_t quick_connections = 16;

bool is_port(const std::string& text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() && value > 0 && value < 65536;
}

struct raw_options {
    std::vector<std::string> targets{"http://127.0.0.1:8080"};
    std::string host_key_file;
    double rate = 0;
    double timeout_s = 300;
    double settle_s = 0;
    bool quick = false;
};

void declare_load(CLI::App& app, options& to) {
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

void declare_rest(CLI::App& app, options& to, raw_options& raw) {
    app.add_option("--target", raw.targets, "A node, as http://address:port; repeat it for several")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->capture_default_str();
    app.add_option("--host-key", to.host_key, "A host key (tck_...)")
        ->envname("TALLYCAST_HOST_KEY");
    app.add_option("--host-key-file", raw.host_key_file, "A file that holds the host key");
    app.add_option("--rate", raw.rate, "Open loop: sendings a second, whatever the answers do")
        ->check(CLI::Range(0.1, 1e7));
    app.add_option("--timeout", raw.timeout_s, "Seconds for joining, and again for voting")
        ->check(CLI::Range(1.0, 86'400.0))
        ->capture_default_str();
    app.add_option("--settle", raw.settle_s,
                   "Seconds between the last answer and the comparison: a store that lost its "
                   "primary may need a while to have one again")
        ->check(CLI::Range(0.0, 3600.0))
        ->capture_default_str();
    app.add_option("--seed", to.seed, "Makes order and choices repeatable (default: random)");
    app.add_option("--json", to.json_file, "Write the report here, as JSON (- is standard output)");
    app.add_option("--book", to.book_file, "Write every ballot and what it was told here, as CSV");
    app.add_flag("--quick", raw.quick, "A short run: 3,000 voters, 16 connections");
    app.add_flag("--delete", to.delete_event, "Delete the event afterwards when every check held");
    app.add_flag("--i-own-this-target", to.own_target, "Allow a target that is not this machine");
    auto* prepare =
        app.add_option("--prepare", to.prepare_file,
                       "Only join the voters and write one vote request each to this file");
    app.add_option("--replay", to.replay_file, "Only send the requests of such a file, once each")
        ->excludes(prepare);
}

// What the library cannot check by itself; each complaint is printed.
bool complete(options& to, const raw_options& raw, const CLI::App& app) {
    bool good = true;
    for (const auto& text : raw.targets) {
        if (const auto target = parse_target(text)) {
            to.targets.push_back(*target);
        } else {
            std::cerr << "--target: expected http://address:port, got '" << text << "'\n";
            good = false;
        }
    }
    if (!raw.host_key_file.empty()) {
        std::ifstream file(raw.host_key_file);
        if (!(file >> to.host_key)) {
            std::cerr << "--host-key-file: cannot read a key from '" << raw.host_key_file << "'\n";
            good = false;
        }
    }
    if (to.host_key.empty() && to.replay_file.empty() && raw.host_key_file.empty()) {
        std::cerr << "--host-key: needed to create the event that is voted in\n";
        good = false;
    }
    if (raw.rate > 0) to.rate = raw.rate;
    to.timeout = std::chrono::seconds(static_cast<std::int64_t>(raw.timeout_s));
    to.settle = std::chrono::seconds(static_cast<std::int64_t>(raw.settle_s));
    if (raw.quick && app.count("--voters") == 0) to.voters = quick_voters;
    if (raw.quick && app.count("--connections") == 0) to.connections = quick_connections;
    if (app.count("--seed") == 0) to.seed = std::random_device{}();
    to.threads = std::min({to.threads, to.connections, to.voters});
    return good;
}

}  // namespace

std::string target_address::authority() const {
    const bool bare_v6 = host.find(':') != std::string::npos;
    return (bare_v6 ? "[" + host + "]" : host) + ":" + port;
}

std::optional<target_address> parse_target(const std::string& text) {
    constexpr std::string_view scheme = "http://";
    if (!text.starts_with(scheme)) return std::nullopt;
    std::string rest = text.substr(scheme.size());
    if (rest.ends_with('/')) rest.pop_back();
    const auto colon = rest.rfind(':');
    if (colon == std::string::npos || colon == 0) return std::nullopt;
    target_address found{rest.substr(0, colon), rest.substr(colon + 1)};
    if (found.host.starts_with('[') && found.host.ends_with(']')) {
        found.host = found.host.substr(1, found.host.size() - 2);
    } else if (found.host.find(':') != std::string::npos) {
        return std::nullopt;
    }
    if (found.host.empty() || found.host.find_first_of("/@?# ") != std::string::npos)
        return std::nullopt;
    if (!is_port(found.port)) return std::nullopt;
    return found;
}

std::variant<options, early_exit> parse_options(const std::vector<std::string>& args) {
    options to;
    raw_options raw;
    CLI::App app(
        "Drives a node with a crowd of voters and checks that every ballot was counted once.",
        "tallycast bench");
    declare_rest(app, to, raw);
    declare_load(app, to);
    std::vector<std::string> reversed(args.rbegin(),
                                      args.rend());  // the order CLI11 takes a vector in
    try {
        app.parse(std::move(reversed));
    } catch (const CLI::ParseError& error) {
        const int code = app.exit(error);
        return early_exit{code == 0 ? 0 : 2};
    }
    if (!complete(to, raw, app)) return early_exit{2};
    return to;
}

}  // namespace tallycast::load
