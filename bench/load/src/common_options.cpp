#include "common_options.hpp"

#include <charconv>
#include <fstream>
#include <iostream>
#include <random>

namespace tallycast::load {

namespace {

bool is_port(const std::string& text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() && value > 0 && value < 65536;
}

// Adds them to the options; false, with a complaint for each, when one is no target.
bool read_targets(const std::vector<std::string>& texts, common_options& to) {
    bool good = true;
    for (const auto& text : texts) {
        if (const auto target = parse_target(text)) {
            to.targets.push_back(*target);
        } else {
            std::cerr << "--target: expected http://address:port, got '" << text << "'\n";
            good = false;
        }
    }
    return good;
}

bool read_host_key(const std::string& file, std::string& to) {
    std::ifstream in(file);
    if (in >> to) return true;
    std::cerr << "--host-key-file: cannot read a key from '" << file << "'\n";
    return false;
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

void declare_common(CLI::App& app, common_options& to, common_words& words) {
    app.add_option("--target", words.targets,
                   "A node, as http://address:port; repeat it for several")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->capture_default_str();
    app.add_option("--host-key", to.host_key, "A host key (tck_...)")
        ->envname("TALLYCAST_HOST_KEY");
    app.add_option("--host-key-file", words.host_key_file, "A file that holds the host key");
    app.add_option("--timeout", words.timeout_s, "Seconds for joining, and again for what follows")
        ->check(CLI::Range(1.0, 86'400.0))
        ->capture_default_str();
    app.add_option("--seed", to.seed, "Makes order and choices repeatable (default: random)");
    app.add_option("--json", to.json_file, "Write the report here, as JSON (- is standard output)");
    app.add_option("--compare", to.compare_file,
                   "Show the figures beside those of this earlier report of --json");
    app.add_flag("--i-own-this-target", to.own_target, "Allow a target that is not this machine");
}

bool complete_common(common_options& to, const common_words& words, const CLI::App& app,
                     bool needs_host_key) {
    bool good = read_targets(words.targets, to);
    const bool has_file = !words.host_key_file.empty();
    if (has_file) good = read_host_key(words.host_key_file, to.host_key) && good;
    if (needs_host_key && to.host_key.empty() && !has_file) {
        std::cerr << "--host-key: needed to create the event that is voted in\n";
        good = false;
    }
    to.timeout = std::chrono::seconds(static_cast<std::int64_t>(words.timeout_s));
    if (app.count("--seed") == 0) to.seed = std::random_device{}();
    return good;
}

std::optional<early_exit> read_arguments(CLI::App& app, const std::vector<std::string>& args) {
    std::vector<std::string> reversed(args.rbegin(),
                                      args.rend());  // the order CLI11 takes a vector in
    try {
        app.parse(std::move(reversed));
    } catch (const CLI::ParseError& error) {
        const int code = app.exit(error);
        return early_exit{code == 0 ? 0 : 2};
    }
    return std::nullopt;
}

}  // namespace tallycast::load
