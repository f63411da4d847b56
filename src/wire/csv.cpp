#include <tallycast/wire/csv.hpp>

#include "poll_members.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace tallycast::wire {

namespace {

constexpr std::string_view row_end = "\r\n";

void append_first_cells(std::string& out, std::uint32_t round, base::voter_number voter) {
    append_number(out, round);
    out += ',';
    append_number(out, voter.value);
}

void append_csv_row(std::string& out, const domain::poll_definition& d, std::uint32_t round,
                    base::voter_number voter, domain::ballot vote) {
    append_first_cells(out, round, voter);
    const auto chosen = domain::choices_of(d, vote);
    const auto is_chosen = [&](std::size_t option) {
        return std::ranges::find(chosen, option) != chosen.end();
    };
    switch (d.type) {
        case domain::poll_type::rating:
            out += ',';
            append_number(out, vote.bits);
            break;
        case domain::poll_type::multiple:
            for (std::size_t i = 0; i < d.options.size(); ++i) out += is_chosen(i) ? ",1" : ",0";
            break;
        case domain::poll_type::single:
        case domain::poll_type::ranking:
            for (std::size_t i = 0; i < d.rules.max_choices; ++i) {
                out += ',';
                if (i < chosen.size()) append_csv_cell(out, d.options.at(chosen[i]).id);
            }
            break;
    }
    out += row_end;
}

void append_ndjson_row(std::string& out, const domain::poll_definition& d, std::uint32_t round,
                       base::voter_number voter, domain::ballot vote) {
    object_writer to{out};
    to.number("round", round).number("voter", voter.value);
    if (d.type == domain::poll_type::rating) {
        to.number("rating", vote.bits);
    } else {
        append_ids(to.value_of("choices"), d, vote);
    }
    to.close();
    out += '\n';
}

}  // namespace

void append_csv_cell(std::string& out, std::string_view text) {
    // What a spreadsheet takes for the beginning of a formula; a tab or a line break before it does
    // not help.
    const bool runs = !text.empty() &&
                      std::string_view("=+-@\t\r\n").find(text.front()) != std::string_view::npos;
    const bool needs_quotes = text.find_first_of(",\"\r\n") != std::string_view::npos;
    if (needs_quotes) out += '"';
    if (runs) out += '\'';
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    if (needs_quotes) out += '"';
}

std::string export_header(export_format format, const domain::poll_definition& d) {
    if (format == export_format::ndjson) return {};
    std::string out = "round,voter";
    switch (d.type) {
        case domain::poll_type::single: out += ",choice"; break;
        case domain::poll_type::rating: out += ",rating"; break;
        case domain::poll_type::multiple:
            for (const auto& option : d.options) {
                out += ',';
                append_csv_cell(out, option.id);
            }
            break;
        case domain::poll_type::ranking:
            for (int rank = 1; rank <= d.rules.max_choices; ++rank)
                out += ",rank_" + std::to_string(rank);
            break;
    }
    out += row_end;
    return out;
}

void append_export_row(std::string& out, export_format format,
                       const domain::poll_definition& definition, std::uint32_t round,
                       base::voter_number voter, domain::ballot vote) {
    if (format == export_format::csv) append_csv_row(out, definition, round, voter, vote);
    else append_ndjson_row(out, definition, round, voter, vote);
}

}  // namespace tallycast::wire
