#include <tallycast/config/prewarm.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>

namespace tallycast::config {

namespace {

constexpr int wrong_usage = 2;
constexpr std::uint32_t most_people = 100'000'000;

// host:port, where the host may be an IPv6 address in brackets. False when it is neither.
bool read_target(const std::string& text, prewarm_target& into) {
    const auto colon = text.rfind(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) return false;
    into = {text.substr(0, colon), text.substr(colon + 1)};
    if (into.host.starts_with('[') && into.host.ends_with(']'))
        into.host = into.host.substr(1, into.host.size() - 2);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    return !into.host.empty() && std::ranges::all_of(into.port, is_digit);
}

}  // namespace

std::variant<prewarm_wishes, int> parse_prewarm(const std::vector<std::string>& args) {
    prewarm_wishes to;
    std::vector<std::string> targets;
    std::uint32_t within_s = 300;
    CLI::App app("Says how many nodes an audience wants and how to ask for them; waits for them.",
                 "tallycast prewarm");
    app.add_option("--expect", to.expect, "People at the same time")
        ->required()
        ->check(CLI::Range(1U, most_people));
    app.add_option("--people-a-node", to.people_a_node, "How many one node is to have at most")
        ->check(CLI::Range(1U, most_people))
        ->capture_default_str();
    app.add_option("--target", targets,
                   "host:port of an operations listener; a name with many addresses is many "
                   "nodes. Repeat it for several")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    app.add_option("--within", within_s, "Seconds that the targets have to get ready")
        ->check(CLI::Range(0U, 86'400U))
        ->capture_default_str();
    try {
        app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : wrong_usage;
    }
    to.within = std::chrono::seconds{within_s};
    for (const auto& text : targets) {
        if (!read_target(text, to.targets.emplace_back())) {
            std::cerr << "--target: expected host:port, got '" << text << "'\n";
            return wrong_usage;
        }
    }
    return to;
}

}  // namespace tallycast::config
