#pragma once
// Compares what the crowd was told with what the node says in the end. Pure.

#include <tallycast/load/ballot_book.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tallycast::load {

struct export_row {
    std::uint64_t voter = 0;
    std::string choice;
};

// The rows of a CSV export; none when the header names no column `voter`. Quoted fields are read.
std::optional<std::vector<export_row>> read_export(std::string_view csv);

struct node_truth {
    nlohmann::json results;
    nlohmann::json ledger;
    std::optional<std::vector<export_row>> rows;
};

struct check {
    std::string claim;  // reads as a sentence
    bool holds = false;
    std::string detail;  // the numbers
};

struct verdict {
    book_totals totals;
    std::map<std::string, std::uint64_t> refusals;  // by code
    std::uint64_t counted = 0;                      // voters in the final results
    std::vector<check> checks;
    bool holds() const;
};

verdict verify(const std::vector<const ballot_book*>& books,
               const std::vector<std::string>& option_ids, const node_truth& node);

}  // namespace tallycast::load
