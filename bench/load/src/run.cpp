#include <tallycast/load/run.hpp>

#include "modes.hpp"

#include <tallycast/load/host_client.hpp>

#include <iostream>
#include <string_view>

namespace tallycast::load {

namespace {

constexpr struct {
    std::string_view name;
    int (*run)(const std::vector<std::string>&);
} modes[] = {{"votes", run_votes},
             {"fanout", run_fanout},
             {"connect", run_connect},
             {"event", run_event},
             {"soak", run_soak}};

}  // namespace

int run(const std::vector<std::string>& args) {
    const bool named = !args.empty() && !args.front().starts_with('-');
    const std::string_view wanted = named ? std::string_view(args.front()) : modes[0].name;
    const std::vector<std::string> rest(args.begin() + (named ? 1 : 0), args.end());
    for (const auto& mode : modes) {
        if (mode.name != wanted) continue;
        try {
            return mode.run(rest);
        } catch (const host_error& error) {
            std::cerr << "bench: " << error.what() << "\n";
            return 1;
        }
    }
    std::cerr << "bench: there is no mode '" << wanted
              << "'; votes, fanout, connect, event and soak are\n";
    return 2;
}

}  // namespace tallycast::load
