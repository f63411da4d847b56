#pragma once
// The figures of an evening's phase, for a machine and for a person.

#include <tallycast/load/gathering.hpp>
#include <tallycast/load/phase.hpp>
#include <tallycast/load/process_figures.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <iosfwd>
#include <string>

namespace tallycast::load {

nlohmann::json requests_json(const phase_result& result, std::chrono::duration<double> over);
nlohmann::json people_json(const gathering_figures& figures, std::size_t present);
nlohmann::json server_json(const process_figures& before, const process_figures& after);

// The report of a whole run as a picture.
std::string svg_of(const nlohmann::json& report);

// What came of one phase, in a few lines.
void print_evening_phase(std::ostream& out, const nlohmann::json& phase);

}  // namespace tallycast::load
