#include <tallycast/config/load.hpp>
#include <tallycast/config/manual.hpp>
#include <tallycast/config/prewarm.hpp>
#include <tallycast/load/run.hpp>
#include <tallycast/server/ask_operations.hpp>
#include <tallycast/server/doctor.hpp>
#include <tallycast/server/node.hpp>
#include <tallycast/server/prewarm.hpp>
#include <tallycast/server/settings_for.hpp>

#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include <sys/resource.h>

namespace {

using namespace tallycast;

constexpr int failed = 1;
constexpr int wrong_usage = 2;

constexpr const char* usage =
    "Tallycast counts an audience's votes exactly once and shows the result live.\n\n"
    "  tallycast serve [options]    the node\n"
    "  tallycast doctor [options]   checks configuration, store and limits\n"
    "  tallycast bench [options]    drives a node with voters and checks the count\n"
    "  tallycast healthcheck        whether the node of this machine is ready\n"
    "  tallycast drain              has it send its people away, before it is ended\n"
    "  tallycast rebalance 0.2      has it send this share of them away, to nodes that are new\n"
    "  tallycast prewarm [options]  how many nodes an audience wants, and whether they are ready\n"
    "  tallycast manual             prints the manual of all options\n"
    "  tallycast --version\n\n"
    "All but the last two know --help; healthcheck, drain and rebalance find the node by\n"
    "--ops-listen.\n";

void print(std::FILE* to, const std::string& text) { std::fwrite(text.data(), 1, text.size(), to); }

// The settings, or the exit code of a start that ends here.
std::variant<config::settings, int> settings_from(const std::vector<std::string>& args,
                                                  const char* program) {
    auto outcome =
        config::load(args, config::environment_of_process(), program, server::faults_outside);
    if (const auto* help = std::get_if<config::help>(&outcome)) {
        print(stdout, help->text);
        return 0;
    }
    if (const auto* bad = std::get_if<std::vector<config::bad_option>>(&outcome)) {
        print(stderr, config::describe(*bad));
        return wrong_usage;
    }
    return std::get<config::settings>(std::move(outcome));
}

int serve(const std::vector<std::string>& args) {
    auto settings = settings_from(args, "tallycast serve");
    if (const auto* code = std::get_if<int>(&settings)) return *code;
    auto running = std::get<config::settings>(std::move(settings));
    auto reload = [running, args](ports::log& log) mutable -> std::optional<config::settings> {
        auto fresh =
            config::reload(running, args, config::environment_of_process(), server::faults_outside);
        if (const auto* bad = std::get_if<std::vector<config::bad_option>>(&fresh)) {
            log.write(ports::severity::error, "configuration not reloaded",
                      {{"why", config::describe(*bad)}});
            return std::nullopt;
        }
        running = std::get<config::reloaded>(fresh).now;
        for (const auto& name : std::get<config::reloaded>(fresh).restart_for)
            log.write(ports::severity::warn,
                      "an option changed that holds only from the next start", {{"option", name}});
        return running;
    };
    server::node node(running, reload);
    if (const auto started = node.start(); !started) {
        print(stderr, "tallycast: " + started.error().detail + '\n');
        return failed;
    }
    return node.run();
}

int doctor(const std::vector<std::string>& args) {
    auto settings = settings_from(args, "tallycast doctor");
    if (const auto* code = std::get_if<int>(&settings)) return *code;
    const auto& wanted = std::get<config::settings>(settings);
    const auto findings = server::examine(wanted);
    int code = 0;
    for (const auto& finding : findings) {
        const bool problem = finding.severity == config::finding_severity::problem;
        if (problem) code = failed;
        const char* mark = problem                                                 ? "PROBLEM"
                           : finding.severity == config::finding_severity::warning ? "warning"
                                                                                   : "advice";
        print(stdout,
              std::string(mark) + "  " + finding.what + "\n         fix: " + finding.fix + "\n");
    }
    if (findings.empty()) print(stdout, "Nothing found that would hurt.\n");
    return code;
}

// 0 when the node's operations listener has said `wanted`.
int ask(const std::vector<std::string>& args, std::string_view method, std::string_view path,
        unsigned wanted) {
    auto settings = settings_from(args, "tallycast");
    if (const auto* code = std::get_if<int>(&settings)) return *code;
    const auto at = server::endpoint_of(std::get<config::settings>(settings).ops_listen);
    const auto answer = server::ask_operations(at, method, path);
    if (!answer) {
        print(stderr, answer.error().detail + '\n');
        return failed;
    }
    print(answer->status == wanted ? stdout : stderr, answer->body);
    return answer->status == wanted ? 0 : failed;
}

int rebalance(std::vector<std::string> args) {
    if (args.empty() || args.front().starts_with('-')) {
        print(stderr, "tallycast rebalance: which share of the live connections is to go?\n");
        return wrong_usage;
    }
    const auto path = "/rebalance?share=" + args.front();
    args.erase(args.begin());
    return ask(args, "POST", path, 202);
}

int prewarm(const std::vector<std::string>& args) {
    const auto wishes = config::parse_prewarm(args);
    if (const auto* code = std::get_if<int>(&wishes)) return *code;
    return server::prewarm(std::get<config::prewarm_wishes>(wishes));
}

int run(const std::vector<std::string>& all) {
    const std::string command = all.empty() ? "" : all.front();
    const std::vector<std::string> args(all.empty() ? all.begin() : all.begin() + 1, all.end());
    if (command == "serve") return serve(args);
    if (command == "doctor") return doctor(args);
    if (command == "bench") return load::run(args);
    if (command == "healthcheck") return ask(args, "GET", "/readyz", 200);
    if (command == "drain") return ask(args, "POST", "/drain", 202);
    if (command == "rebalance") return rebalance(args);
    if (command == "prewarm") return prewarm(args);
    if (command == "manual") return print(stdout, config::print_manual()), 0;
    if (command == "--version") return print(stdout, "tallycast " TALLYCAST_VERSION "\n"), 0;
    const bool asked = command == "--help" || command == "-h" || command == "help";
    print(asked ? stdout : stderr, usage);
    return asked ? 0 : wrong_usage;
}

// The soft limit of open files is a default for programs that use select(); ours may have what it
// is allowed.
void raise_open_files() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
    std::signal(
        SIGPIPE,
        SIG_IGN);  // a peer that has gone is an error of its socket, not the end of the node
    raise_open_files();
    try {
        return run(std::vector<std::string>(argv + 1, argv + argc));
    } catch (const std::exception& e) {
        print(stderr, "tallycast: " + std::string(e.what()) + '\n');
        return failed;
    }
}
