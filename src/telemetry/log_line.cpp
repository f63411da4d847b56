#include "log_line.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>

namespace tallycast::telemetry {

namespace {

constexpr std::uint32_t no_character = 0xffff'ffff;

struct decoded {
    std::uint32_t character = no_character;
    std::size_t bytes = 1;  // of a broken sequence, one at a time
};

// The character that starts at text[0]; strict: no overlong forms, surrogates or values past
// U+10FFFF.
decoded first_character(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    if (lead < 0x80) return {lead, 1};
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return {};
    std::uint32_t value = lead & (0xffU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        const auto next = static_cast<unsigned char>(text[i]);
        if ((next & 0xc0) != 0x80) return {};
        value = value << 6 | (next & 0x3fU);
    }
    constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
    if (value < least[length] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return {};
    return {value, length};
}

// What would break a line, hide on a terminal, or steer it.
bool is_control(std::uint32_t c) {
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029;
}

void append_unicode_escape(std::string& to, std::uint32_t c) {
    std::array<char, 16> escape{};
    std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
    to += escape.data();
}

void append_escaped(std::string& to, std::string_view text, bool in_quotes) {
    while (!text.empty()) {
        const decoded next = first_character(text);
        const std::string_view bytes = text.substr(0, next.bytes);
        text.remove_prefix(next.bytes);
        if (next.character == no_character) to += "\xef\xbf\xbd";
        else if (next.character == '\n') to += "\\n";
        else if (next.character == '\t') to += "\\t";
        else if (next.character == '\r') to += "\\r";
        else if (is_control(next.character)) append_unicode_escape(to, next.character);
        else if (in_quotes && (bytes == "\"" || bytes == "\\")) to.append("\\").append(bytes);
        else to += bytes;
    }
}

void append_quoted(std::string& to, std::string_view text) {
    to += '"';
    append_escaped(to, text, true);
    to += '"';
}

void append_time(std::string& to, base::wall_time at) {
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(at - day);
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                  static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                  static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()),
                  static_cast<int>(time.subseconds().count()));
    to += text.data();
}

std::string_view name_of(ports::severity level) {
    switch (level) {
        case ports::severity::debug: return "debug";
        case ports::severity::info: return "info";
        case ports::severity::warn: return "warn";
        case ports::severity::error: return "error";
    }
    return "error";
}

struct common_name {
    std::string_view ours;
    std::string_view theirs;
};

constexpr std::array common_names{
    common_name{"why", "error.message"},
    common_name{"request_id", "http.request.id"},
    common_name{"method", "http.request.method"},
    common_name{"status", "http.response.status_code"},
    common_name{"path", "url.path"},
    common_name{"version", "service.version"},
    common_name{"server", "server.address"},
};

void append_common_name(std::string& to, std::string_view name) {
    const auto known = std::ranges::find(common_names, name, &common_name::ours);
    to += known == common_names.end() ? "\"labels." : "\"";
    append_escaped(to, known == common_names.end() ? name : known->theirs, true);
    to += '"';
}

// A bare value in text form is read back without doubt: no blank, quote, sign or escape in it.
bool stands_bare(std::string_view value) {
    return !value.empty() && std::all_of(value.begin(), value.end(), [](unsigned char c) {
        return c > ' ' && c < 0x7f && c != '"' && c != '\\' && c != '=';
    });
}

}  // namespace

std::string log_line(line_format format, base::wall_time at, ports::severity level,
                     std::string_view message, std::span<const ports::log::field> fields) {
    const bool json = format == line_format::json;
    std::string line;
    line.reserve(96 + message.size());
    line += json ? "{\"@timestamp\":\"" : "";
    append_time(line, at);
    line.append(json ? "\",\"log.level\":\"" : " ").append(name_of(level));
    if (json) {
        line += "\",\"message\":";
        append_quoted(line, message);
        line += R"(,"ecs.version":"8.11.0","service.name":"tallycast")";
    } else {
        line += name_of(level).size() < 5 ? "  " : " ";
        append_escaped(line, message, false);
    }
    for (const auto& [name, value] : fields) {
        line += json ? ',' : ' ';
        if (json) append_common_name(line, name);
        else append_escaped(line, name, false);
        line += json ? ':' : '=';
        if (json || !stands_bare(value)) append_quoted(line, value);
        else line += value;
    }
    if (json) line += '}';
    return line;
}

}  // namespace tallycast::telemetry
