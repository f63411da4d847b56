#include "live_options.hpp"

#include "common_options.hpp"

namespace tallycast::load {

namespace {

constexpr std::uint32_t quick_subscribers = 100;
constexpr double quick_stretch_s = 1;

struct live_words : common_words {
    double seconds = 5;
    bool quick = false;
};

void declare_live(CLI::App& app, live_options& to, live_words& words) {
    app.add_option("--subscribers", to.subscribers, "WebSocket connections in all")
        ->check(CLI::Range(1u, 18'000u))
        ->capture_default_str();
    app.add_option("--seconds", words.seconds, "How long each stretch lasts")
        ->check(CLI::Range(0.1, 3600.0))
        ->capture_default_str();
    app.add_option("--max-hz", to.max_hz, "Results a subscriber asks for, a second at most")
        ->check(CLI::Range(0.1, 20.0))
        ->capture_default_str();
    app.add_option("--pid", to.pids,
                   "Process of the server, for its CPU and memory; repeat it for several")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    app.add_option("--path", to.path,
                   "Subscribe at this path of whatever server it is, count the texts that come, "
                   "and check nothing else");
    app.add_option("--say", to.say, "With --path: what each subscriber says first");
    app.add_flag("--quick", words.quick, "A short run: 100 subscribers, 1 s");
}

}  // namespace

std::variant<live_options, early_exit> parse_live_options(live_mode mode,
                                                          const std::vector<std::string>& args) {
    const bool fanout = mode == live_mode::fanout;
    live_options to;
    live_words words;
    CLI::App app(fanout ? "Subscribers who watch results while votes come in."
                        : "Subscribers who watch a poll in which nothing happens.",
                 fanout ? "tallycast bench fanout" : "tallycast bench connect");
    declare_common(app, to, words);
    declare_live(app, to, words);
    if (fanout) {
        app.add_option("--rates", to.vote_rates,
                       "Votes a second, one stretch for each of them, as in 20,1000")
            ->delimiter(',')
            ->check(CLI::Range(0.1, 1e6))
            ->default_str("20");
    }
    if (const auto exit = read_arguments(app, args)) return *exit;
    if (!complete_common(to, words, app, to.path.empty())) return early_exit{2};
    if (words.quick && app.count("--subscribers") == 0) to.subscribers = quick_subscribers;
    if (words.quick && app.count("--seconds") == 0) words.seconds = quick_stretch_s;
    to.stretch = std::chrono::duration<double>(words.seconds);
    return to;
}

}  // namespace tallycast::load
