#include <tallycast/load/http_reply.hpp>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace tallycast::load {

namespace {

struct head {
    std::size_t bytes = 0;  // the empty line included
    std::optional<std::uint64_t> content_length;
    bool unknown_framing = false;
};

bool same_word(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

bool read_status_line(std::string_view line, http_reply& to) {
    if (!line.starts_with("HTTP/1.") || line.size() < 12 || line[8] != ' ') return false;
    const auto status = whole_number(line.substr(9, 3));
    if (!status || *status < 100 || *status > 599) return false;
    to.status = static_cast<int>(*status);
    to.closes = line[7] == '0';
    return true;
}

bool read_field(std::string_view line, head& into, http_reply& to) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return false;
    const auto name = line.substr(0, colon);
    auto value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t'))
        value.remove_prefix(1);
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
    if (same_word(name, "content-length")) {
        into.content_length = whole_number(value);
        return into.content_length.has_value();
    }
    if (same_word(name, "retry-after")) to.retry_after_s = whole_number(value);
    if (same_word(name, "connection") && same_word(value, "close")) to.closes = true;
    if (same_word(name, "transfer-encoding")) into.unknown_framing = true;
    return true;
}

reply_progress read_head(std::string_view in, head& into, http_reply& to) {
    const auto end = in.find("\r\n\r\n");
    if (end == std::string_view::npos) {
        return in.size() > max_reply_header ? reply_progress::broken : reply_progress::need_more;
    }
    into.bytes = end + 4;
    auto lines = in.substr(0, end + 2);
    auto line_end = lines.find("\r\n");
    if (!read_status_line(lines.substr(0, line_end), to)) return reply_progress::broken;
    for (lines.remove_prefix(line_end + 2); !lines.empty(); lines.remove_prefix(line_end + 2)) {
        line_end = lines.find("\r\n");
        if (!read_field(lines.substr(0, line_end), into, to)) return reply_progress::broken;
    }
    return reply_progress::complete;
}

}  // namespace

reply_progress take_reply(std::string& in, http_reply& to) {
    head top;
    http_reply found;
    if (const auto done = read_head(in, top, found); done != reply_progress::complete) return done;
    const bool bodiless = found.status == 204 || found.status == 304 || found.status < 200;
    if (!bodiless && (top.unknown_framing || !top.content_length)) return reply_progress::broken;
    const std::uint64_t body = bodiless ? 0 : *top.content_length;
    if (body > max_reply_body) return reply_progress::broken;
    if (in.size() - top.bytes < body) return reply_progress::need_more;
    found.body = std::move(to.body);  // keeps the capacity of the reply before
    found.body.assign(in, top.bytes, static_cast<std::size_t>(body));
    to = std::move(found);
    in.erase(0, top.bytes + static_cast<std::size_t>(body));
    return reply_progress::complete;
}

reply_progress take_reply_head(std::string& in, http_reply& to) {
    head top;
    const auto done = read_head(in, top, to);
    if (done == reply_progress::complete) in.erase(0, top.bytes);
    return done;
}

}  // namespace tallycast::load
