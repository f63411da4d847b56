#include "evening.hpp"
#include "evening_report.hpp"
#include "modes.hpp"
#include "with_nodes.hpp"

#include <tallycast/load/report.hpp>

#include <iostream>

namespace tallycast::load {

namespace {

int run_evening(const evening_options& from, const endpoints& nodes) {
    auto& out = from.json_file == "-" ? std::cerr : std::cout;
    evening tonight(from, nodes);
    auto phases = nlohmann::json::array();
    for (const auto& phase : from.script) {
        phases.push_back(tonight.play(phase));
        print_evening_phase(out, phases.back());
        out.flush();
    }
    return conclude(out, from, tonight, {{"mode", "event"}, {"phases", phases}});
}

}  // namespace

int run_event(const std::vector<std::string>& args) {
    return with_nodes(parse_event_options(args), run_evening);
}

}  // namespace tallycast::load
