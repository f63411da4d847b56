// Names of option_table.hpp.

#include "option_table.hpp"

#include <algorithm>
#include <numeric>

namespace tallycast::config {

namespace {

// Insertions, deletions and replacements that make one word the other.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0]++;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
        }
    }
    return row.back();
}

}  // namespace

const option* find_option(std::string_view name) {
    std::string dashed(name);
    std::replace(dashed.begin(), dashed.end(), '_', '-');
    for (const auto& candidate : option_table())
        if (candidate.name == dashed) return &candidate;
    return nullptr;
}

std::string environment_name(std::string_view name) {
    std::string variable = "TALLYCAST_";
    for (const char c : name) variable += c == '-' ? '_' : static_cast<char>(c - 'a' + 'A');
    return variable;
}

std::string nearest_option(std::string_view name) {
    constexpr std::size_t longest_name = 64;  // longer ones are nobody's slip
    if (name.size() > longest_name) return {};
    const auto nearest = std::min_element(
        option_table().begin(), option_table().end(), [&](const option& a, const option& b) {
            return distance(a.name, name) < distance(b.name, name);
        });
    return distance(nearest->name, name) <= 3 ? std::string(nearest->name) : std::string{};
}

}  // namespace tallycast::config
