#include <tallycast/load/compare.hpp>

#include <fstream>
#include <iomanip>
#include <iostream>

namespace tallycast::load {

namespace {

void collect(const nlohmann::json& before, const nlohmann::json& now, const std::string& at,
             std::vector<compared_number>& to) {
    if (now.is_number() && before.is_number()) {
        to.push_back({at, before.get<double>(), now.get<double>()});
    } else if (now.is_object() && before.is_object()) {
        for (const auto& [name, value] : now.items()) {
            const auto found = before.find(name);
            if (found == before.end()) continue;
            collect(*found, value, at.empty() ? name : at + "." + name, to);
        }
    } else if (now.is_array() && before.is_array()) {
        if (!now.empty() && now.front().is_number()) return;  // a course over time
        for (std::size_t i = 0; i < std::min(now.size(), before.size()); ++i)
            collect(before[i], now[i], at + "." + std::to_string(i), to);
    }
}

}  // namespace

std::vector<compared_number> compare(const nlohmann::json& before, const nlohmann::json& now) {
    std::vector<compared_number> found;
    collect(before, now, "", found);
    return found;
}

std::optional<nlohmann::json> read_report(const std::string& file) {
    std::ifstream in(file);
    auto report = nlohmann::json::parse(in, nullptr, false);
    if (report.is_object()) return report;
    std::cerr << "--compare: '" << file << "' holds no report\n";
    return std::nullopt;
}

void print_comparison(std::ostream& out, const std::vector<compared_number>& numbers) {
    out << std::left << std::setw(32) << "compared" << std::right << std::setw(16) << "before"
        << std::setw(16) << "now" << std::setw(10) << "ratio\n"
        << std::fixed;
    for (const auto& each : numbers) {
        out << std::left << std::setw(32) << each.name << std::right << std::setprecision(2)
            << std::setw(16) << each.before << std::setw(16) << each.now;
        if (each.before != 0) out << std::setprecision(3) << std::setw(9) << each.now / each.before;
        out << "\n";
    }
}

}  // namespace tallycast::load
