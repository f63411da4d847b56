#include "json_text.hpp"

#include <tallycast/wire/time.hpp>

namespace tallycast::wire {

namespace {

void append_escape(std::string& out, unsigned char c) {
    constexpr std::string_view hex = "0123456789abcdef";
    switch (c) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default:
            out += "\\u00";
            out += hex[c >> 4];
            out += hex[c & 15];
    }
}

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    std::size_t plain = 0;  // where the run begins that needs no escape
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        out.append(text.substr(plain, i - plain));
        append_escape(out, c);
        plain = i + 1;
    }
    out.append(text.substr(plain));
    out += '"';
}

void append_array(std::string& out, std::span<const std::string> items) {
    out += '[';
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i > 0) out += ',';
        out += items[i];
    }
    out += ']';
}

std::string& object_writer::value_of(std::string_view name) {
    out_ += first_ ? "\"" : ",\"";
    first_ = false;
    out_.append(name).append("\":");
    return out_;
}

object_writer& object_writer::text(std::string_view name, std::string_view value) {
    append_quoted(value_of(name), value);
    return *this;
}

object_writer& object_writer::raw(std::string_view name, std::string_view json) {
    value_of(name).append(json);
    return *this;
}

object_writer& object_writer::time(std::string_view name, base::wall_time value) {
    auto& out = value_of(name);
    out += '"';
    append_rfc3339(out, value);
    out += '"';
    return *this;
}

object_writer& object_writer::time(std::string_view name,
                                   const std::optional<base::wall_time>& value) {
    return value ? time(name, *value) : null(name);
}

object_writer& object_writer::array(std::string_view name, std::span<const std::string> items) {
    append_array(value_of(name), items);
    return *this;
}

}  // namespace tallycast::wire
