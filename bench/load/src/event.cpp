#include "evening.hpp"
#include "evening_report.hpp"
#include "modes.hpp"

#include <tallycast/load/report.hpp>

#include <iostream>

namespace tallycast::load {

int run_event(const std::vector<std::string>& args) {
    const auto parsed = parse_event_options(args);
    if (const auto* exit = std::get_if<early_exit>(&parsed)) return exit->code;
    const auto& from = std::get<evening_options>(parsed);
    const auto nodes = find_nodes(from);
    if (!nodes) return 2;
    raise_descriptor_limit();
    auto& out = from.json_file == "-" ? std::cerr : std::cout;
    evening tonight(from, *nodes);
    auto phases = nlohmann::json::array();
    for (const auto& phase : from.script) {
        phases.push_back(tonight.play(phase));
        print_evening_phase(out, phases.back());
        out.flush();
    }
    return conclude(out, from, tonight, {{"mode", "event"}, {"phases", phases}});
}

}  // namespace tallycast::load
