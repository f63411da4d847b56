#pragma once
// Two reports of the same form beside each other. Pure.

#include <nlohmann/json.hpp>

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace tallycast::load {

struct compared_number {
    std::string name;  // its path, as in "votes.latency_ms.p99"
    double before = 0;
    double now = 0;
};

// Every number that both have at the same place, in the order of the newer report; but for lists of
// numbers, which tell of a course over time.
std::vector<compared_number> compare(const nlohmann::json& before, const nlohmann::json& now);

// None, with a word on stderr, when the file holds no report.
std::optional<nlohmann::json> read_report(const std::string& file);
void print_comparison(std::ostream& out, const std::vector<compared_number>& numbers);

}  // namespace tallycast::load
