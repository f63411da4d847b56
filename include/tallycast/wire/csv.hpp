#pragma once
// Exported ballots, one row each: CSV (RFC 4180, CRLF, a header row, UTF-8) or one JSON object a
// line.
//
// CSV: round,voter, then
//   single   choice                     the option's id
//   multiple one column an option id    1 or 0
//   rating   rating
//   ranking  rank_1, rank_2, ...        the option's id, empty past the last
// NDJSON: {"round","voter","choices":[…]} or {"round","voter","rating"}.
//
// A cell that a spreadsheet would take for a formula gets an apostrophe in front.

#include <tallycast/base/id.hpp>
#include <tallycast/domain/ballot.hpp>
#include <tallycast/domain/poll.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace tallycast::wire {

enum class export_format : std::uint8_t { csv = 1, ndjson };

// What stands before the first row; empty for NDJSON.
std::string export_header(export_format format, const domain::poll_definition& definition);

// `vote` is not empty.
void append_export_row(std::string& out, export_format format,
                       const domain::poll_definition& definition, std::uint32_t round,
                       base::voter_number voter, domain::ballot vote);

// One cell, quoted where RFC 4180 wants it, defused where a spreadsheet would run it.
void append_csv_cell(std::string& out, std::string_view text);

}  // namespace tallycast::wire
