#include <tallycast/net/response_text.hpp>

#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <chrono>
#include <cstddef>

namespace tallycast::net {
namespace {

[[maybe_unused]] bool is_field_value(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](unsigned char c) { return c == '\t' || (c >= 0x20 && c != 0x7F); });
}

// Empty, or lines each with a colon and ended by CRLF.
[[maybe_unused]] bool is_field_lines(std::string_view text) {
    while (!text.empty()) {
        const auto end = text.find("\r\n");
        if (end == std::string_view::npos) return false;
        const auto line = text.substr(0, end);
        if (!is_field_value(line) || line.find(':') + 1 < 2) return false;
        text.remove_prefix(end + 2);
    }
    return true;
}

void append_number(std::string& out, std::size_t number) {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

void append_field(std::string& out, std::string_view name_and_colon, std::string_view value) {
    assert(is_field_value(value));
    if (value.empty()) return;
    out.append(name_and_colon).append(value).append("\r\n");
}

void append_status_line(std::string& out, unsigned status) {
    assert(status >= 100 && status <= 599);
    if (status == 200) {
        out.append("HTTP/1.1 200 OK\r\n");
        return;
    }
    namespace http = boost::beast::http;
    const auto reason = http::obsolete_reason(http::int_to_status(status));
    out.append("HTTP/1.1 ");
    append_number(out, status);
    out.append(" ").append(reason.data(), reason.size()).append("\r\n");
}

void append_fields(std::string& out, const response_head& head) {
    append_field(out, "Date: ", head.date);
    append_field(out, "Content-Type: ", head.content_type);
    append_field(out, "X-Request-Id: ", head.request_id);
    append_field(out, "Cache-Control: ", head.cache_control);
    append_field(out, "Content-Security-Policy: ", head.content_security_policy);
    out.append("X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n");
    assert(is_field_lines(head.extra));
    out.append(head.extra);
}

void append_connection(std::string& out, const response_head& head) {
    if (!head.keep_alive) out.append("Connection: close\r\n");
    else if (!head.http_1_1) out.append("Connection: keep-alive\r\n");
}

constexpr bool never_has_length(unsigned status) { return status < 200 || status == 204; }

}  // namespace

void append_response(std::string& out, const response_head& head, std::string_view body,
                     bool head_only) {
    append_status_line(out, head.status);
    append_fields(out, head);
    // A 304 may give the length only if it is that of the full answer, which we do not know here.
    const bool bodiless = never_has_length(head.status) || head.status == 304;
    assert(!bodiless || body.empty());
    if (!bodiless) {
        out.append("Content-Length: ");
        append_number(out, body.size());
        out.append("\r\n");
    }
    append_connection(out, head);
    out.append("\r\n");
    if (!bodiless && !head_only) out.append(body);
}

void append_stream_head(std::string& out, const response_head& head) {
    append_status_line(out, head.status);
    append_fields(out, head);
    out.append("Connection: close\r\n\r\n");
}

void append_chunked_head(std::string& out, const response_head& head) {
    assert(head.http_1_1);
    append_status_line(out, head.status);
    append_fields(out, head);
    out.append("Transfer-Encoding: chunked\r\n");
    append_connection(out, head);
    out.append("\r\n");
}

void append_continue(std::string& out) { out.append("HTTP/1.1 100 Continue\r\n\r\n"); }

std::string_view date_text::at(base::wall_time now) {
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    const auto count = second.time_since_epoch().count();
    if (count == second_) return {text_.data(), text_.size()};
    second_ = count;
    const auto day = std::chrono::floor<std::chrono::days>(second);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{second - day};
    constexpr std::string_view weekdays = "SunMonTueWedThuFriSat";
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char* to = text_.data();
    const auto text = [&to](std::string_view part) {
        to = std::copy(part.begin(), part.end(), to);
    };
    const auto digits = [&to](unsigned value, unsigned top) {
        for (unsigned unit = top; unit != 0; unit /= 10)
            *to++ = static_cast<char>('0' + value / unit % 10);
    };
    text(weekdays.substr(std::chrono::weekday{day}.c_encoding() * 3, 3));
    text(", ");
    digits(static_cast<unsigned>(date.day()), 10);
    text(" ");
    text(months.substr((static_cast<unsigned>(date.month()) - 1) * 3, 3));
    text(" ");
    digits(static_cast<unsigned>(static_cast<int>(date.year())), 1000);
    text(" ");
    digits(static_cast<unsigned>(time.hours().count()), 10);
    text(":");
    digits(static_cast<unsigned>(time.minutes().count()), 10);
    text(":");
    digits(static_cast<unsigned>(time.seconds().count()), 10);
    text(" GMT");
    return {text_.data(), text_.size()};
}

}  // namespace tallycast::net
