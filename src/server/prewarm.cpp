#include <tallycast/server/prewarm.hpp>

#include <tallycast/server/ask_operations.hpp>

#include <boost/asio/io_context.hpp>

#include <cstdio>
#include <set>
#include <thread>

namespace tallycast::server {

namespace asio = boost::asio;
using asio::ip::tcp;
using clock = std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds look_again{500};

// Every node once, however many of its names were given. Names are looked up at each turn: nodes
// that start get theirs meanwhile.
std::set<tcp::endpoint> nodes_of(const std::vector<config::prewarm_target>& targets) {
    asio::io_context io;
    tcp::resolver resolver(io);
    std::set<tcp::endpoint> found;
    for (const auto& each : targets) {
        boost::system::error_code unknown_yet;
        for (const auto& entry : resolver.resolve(each.host, each.port, unknown_yet))
            found.insert(entry.endpoint());
    }
    return found;
}

std::size_t ready_among(const std::set<tcp::endpoint>& nodes, clock::time_point deadline) {
    std::size_t ready = 0;
    for (const auto& node : nodes) {
        const auto answer = ask_operations(node, "GET", "/readyz");
        ready += answer && answer->status == 200 ? 1 : 0;
        if (clock::now() > deadline) break;
    }
    return ready;
}

void say(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

}  // namespace

std::string prewarm_advice(const config::prewarm_wishes& wishes) {
    const auto nodes = std::to_string(wishes.nodes());
    return std::to_string(wishes.expect) + " people: " + nodes + " nodes, for " +
           std::to_string(wishes.people_a_node) +
           " each and with one that may die. Ask for them with one of\n\n"
           "  kubectl -n tallycast patch scaledobject tallycast --type merge "
           "-p '{\"spec\":{\"minReplicaCount\":" +
           nodes +
           "}}'\n"
           "  kubectl -n tallycast patch hpa tallycast -p '{\"spec\":{\"minReplicas\":" +
           nodes +
           "}}'\n"
           "  kubectl -n tallycast scale deployment tallycast --replicas " +
           nodes +
           "      (where nothing scales by itself)\n\n"
           "or, for what is in the programme, a trigger of the ScaledObject:\n\n"
           "  - type: cron\n"
           "    metadata: { timezone: Europe/Berlin, start: 30 19 * * 6, end: 30 23 * * 6, "
           "desiredReplicas: \"" +
           nodes + "\" }\n";
}

int prewarm(const config::prewarm_wishes& wishes) {
    say(prewarm_advice(wishes));
    if (wishes.targets.empty()) return 0;
    const auto began = clock::now();
    const auto deadline = began + wishes.within;
    std::size_t told = 0;
    for (bool first = true;; first = false) {
        const auto ready = ready_among(nodes_of(wishes.targets), deadline);
        if (first || ready != told) {
            const std::chrono::duration<double> after = clock::now() - began;
            say((first ? "\n" : "") + std::to_string(ready) + " of " +
                std::to_string(wishes.nodes()) + " ready after " +
                std::to_string(static_cast<int>(after.count())) + " s\n");
        }
        told = ready;
        if (ready >= wishes.nodes()) return 0;
        if (clock::now() >= deadline) return 1;
        std::this_thread::sleep_for(look_again);
    }
}

}  // namespace tallycast::server
