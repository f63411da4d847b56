#include <tallycast/net/request_guard.hpp>

#include <tallycast/net/request.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

namespace tallycast::net {
namespace {

constexpr guard_verdict accepted{};

constexpr guard_verdict bad(std::string_view why) {
    return {base::errc::invalid_request, why, false};
}

// Fields of which a second one could be read differently by somebody else on the way.
enum single_field : std::uint16_t {
    host_bit = 1,
    content_length_bit = 2,
    transfer_encoding_bit = 4,
    expect_bit = 8,
    authorization_bit = 16,
    content_type_bit = 32,
    origin_bit = 64,
    idempotency_key_bit = 128,
    upgrade_bit = 256,
    websocket_key_bit = 512,
};

constexpr bool is_digit(unsigned char c) { return c >= '0' && c <= '9'; }
constexpr bool is_alpha(unsigned char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
constexpr bool is_hex(unsigned char c) {
    return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

constexpr std::array<bool, 256> make_token_table() {
    std::array<bool, 256> table{};
    for (unsigned c = 0; c < 256; ++c)
        table[c] =
            is_digit(static_cast<unsigned char>(c)) || is_alpha(static_cast<unsigned char>(c));
    for (const char c : std::string_view{"!#$%&'*+-.^_`|~"})
        table[static_cast<unsigned char>(c)] = true;
    return table;
}
constexpr auto token_table = make_token_table();

bool is_token(std::string_view text) {
    if (text.empty()) return false;
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return token_table[static_cast<unsigned char>(c)]; });
}

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// `lowered` is already in lower case.
bool same(std::string_view text, std::string_view lowered) {
    if (text.size() != lowered.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (lower(text[i]) != lowered[i]) return false;
    return true;
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

// True if one of eight bytes may be a control; blurred by carries, so a hit is looked at again.
bool may_hold_control(const char* eight) {
    constexpr std::uint64_t ones = 0x0101010101010101U;
    constexpr std::uint64_t tops = 0x8080808080808080U;
    std::uint64_t word = 0;
    std::memcpy(&word, eight, sizeof word);
    const std::uint64_t del = word ^ (ones * 0x7F);
    return ((((word - ones * 0x20) & ~word) | ((del - ones) & ~del)) & tops) != 0;
}

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
}

bool has_control(std::string_view text) {
    const char* at = text.data();
    const char* const end = at + text.size();
    for (; end - at >= 8; at += 8)
        if (may_hold_control(at) && std::any_of(at, at + 8, is_control)) return true;
    return std::any_of(at, end, is_control);
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_port(std::string_view text) {  // what follows the host: nothing, or ":" and a port
    if (text.empty()) return true;
    if (text.front() != ':' || text.size() < 2 || text.size() > 6) return false;
    unsigned port = 0;
    for (const char c : text.substr(1)) {
        if (!is_digit(static_cast<unsigned char>(c))) return false;
        port = port * 10 + static_cast<unsigned>(c - '0');
    }
    return port <= 65535;
}

// Grammar: name [":" port], where name is a DNS name, an IPv4 address or an IPv6 address in
// brackets. Narrower than RFC 3986 on purpose: no user-info, no escapes, no commas.
bool is_host(std::string_view text) {
    if (text.empty() || text.size() > 261) return false;
    if (text.front() == '[') {
        const auto end = text.find(']');
        if (end == std::string_view::npos || end < 3) return false;
        const auto inside = text.substr(1, end - 1);
        const bool address = std::all_of(inside.begin(), inside.end(), [](unsigned char c) {
            return is_hex(c) || c == ':' || c == '.';
        });
        return address && is_port(text.substr(end + 1));
    }
    const auto colon = std::min(text.find(':'), text.size());
    const auto name = text.substr(0, colon);
    const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return is_digit(c) || is_alpha(c) || c == '.' || c == '-' || c == '_';
    });
    return plain && is_port(text.substr(colon));
}

// Origin form, "/" and visible ASCII without '#'; whatever else is escaped by honest clients.
bool is_origin_form(std::string_view target) {
    if (target.empty() || target.front() != '/') return false;
    return std::all_of(target.begin(), target.end(),
                       [](unsigned char c) { return c > 0x20 && c < 0x7F && c != '#'; });
}

}  // namespace

guard_verdict request_guard::request_line(std::string_view line) {
    const auto method_end = line.find(' ');
    if (method_end == std::string_view::npos) return bad("The request line is not complete.");
    const auto method = line.substr(0, method_end);
    if (method.size() > 32 || !is_token(method)) return bad("The method is not a token.");
    const auto rest = line.substr(method_end + 1);
    const auto target_end = rest.find(' ');
    if (target_end == std::string_view::npos) return bad("The request line is not complete.");
    const auto target = rest.substr(0, target_end);
    const bool whole_server = target == "*" && method == "OPTIONS";
    if (!whole_server && !is_origin_form(target))
        return bad("The target must be a path of visible ASCII characters without '#'.");
    const auto version = rest.substr(target_end + 1);
    http_1_1_ = version == "HTTP/1.1";
    if (!http_1_1_ && version != "HTTP/1.0")
        return bad("The version must be HTTP/1.0 or HTTP/1.1.");
    return accepted;
}

guard_verdict request_guard::field_line(std::string_view line) {
    if (++fields_ > max_header_fields)
        return {base::errc::headers_too_large, "There are more than 64 header fields.", false};
    std::size_t colon = 0;
    while (colon < line.size() && token_table[static_cast<unsigned char>(line[colon])]) ++colon;
    // Also catches folded lines (they begin with a blank) and a blank before the colon.
    if (colon == 0 || colon == line.size() || line[colon] != ':')
        return bad("A header field has no proper name.");
    const auto value = line.substr(colon + 1);
    if (has_control(value)) return bad("A header field holds a control character.");
    return framing_field(line.substr(0, colon), trimmed(value));
}

guard_verdict request_guard::finish() {
    if (http_1_1_ && (seen_ & host_bit) == 0) return bad("There is no Host.");
    if (chunked_ && !http_1_1_) return bad("HTTP/1.0 has no Transfer-Encoding.");
    if (chunked_ && (seen_ & content_length_bit) != 0)
        return bad("Content-Length and Transfer-Encoding exclude each other.");
    if (has_upgrade_ && has_body()) return bad("An upgrade must not have a body.");
    return accepted;
}

guard_verdict request_guard::once(std::uint16_t bit, std::string_view why) {
    if ((seen_ & bit) != 0) return bad(why);
    seen_ |= bit;
    return accepted;
}

// Chosen by length first, because nearly every field is none of these.
guard_verdict request_guard::framing_field(std::string_view name, std::string_view value) {
    guard_verdict verdict;
    const auto single = [&](std::uint16_t bit, std::string_view why) {
        verdict = is_ascii(value) ? once(bit, why) : bad("A header field must be ASCII.");
        return verdict.ok;
    };
    switch (name.size()) {
        case 4:
            if (same(name, "host") && single(host_bit, "There are two Hosts.") && !is_host(value))
                return bad("The Host is not a name or an address.");
            return verdict;
        case 6:
            if (same(name, "expect") && single(expect_bit, "There are two Expects.")) {
                if (!same(value, "100-continue")) return bad("Only 100-continue may be expected.");
                expects_continue_ = true;
            } else if (same(name, "origin")) {
                single(origin_bit, "There are two Origins.");
            }
            return verdict;
        case 7:
            if (same(name, "upgrade") && single(upgrade_bit, "There are two Upgrades."))
                has_upgrade_ = true;
            return verdict;
        case 10: return same(name, "connection") ? connection_field(value) : accepted;
        case 12:
            if (same(name, "content-type"))
                single(content_type_bit, "There are two Content-Types.");
            return verdict;
        case 13:
            if (same(name, "authorization"))
                single(authorization_bit, "There are two Authorizations.");
            return verdict;
        case 14: return same(name, "content-length") ? content_length_field(value) : accepted;
        case 15:
            if (same(name, "idempotency-key"))
                single(idempotency_key_bit, "There are two Idempotency-Keys.");
            return verdict;
        case 17:
            if (same(name, "transfer-encoding")) return transfer_encoding_field(value);
            if (same(name, "sec-websocket-key"))
                single(websocket_key_bit, "There are two Sec-WebSocket-Keys.");
            return verdict;
        default: return accepted;
    }
}

guard_verdict request_guard::content_length_field(std::string_view value) {
    const auto first = once(content_length_bit, "There are two Content-Lengths.");
    if (!first.ok) return first;
    // 19 digits always fit into 64 bits.
    if (value.empty() || value.size() > 19) return bad("The Content-Length is not a number.");
    for (const char c : value) {
        if (!is_digit(static_cast<unsigned char>(c)))
            return bad("The Content-Length is not a number.");
        content_length_ = content_length_ * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return accepted;
}

guard_verdict request_guard::transfer_encoding_field(std::string_view value) {
    const auto first = once(transfer_encoding_bit, "There are two Transfer-Encodings.");
    if (!first.ok) return first;
    if (!same(value, "chunked")) return bad("The only Transfer-Encoding is chunked.");
    chunked_ = true;
    return accepted;
}

guard_verdict request_guard::connection_field(std::string_view value) {
    while (!value.empty()) {
        const auto comma = std::min(value.find(','), value.size());
        const auto option = trimmed(value.substr(0, comma));
        value.remove_prefix(std::min(comma + 1, value.size()));
        if (option.empty()) continue;
        if (!is_token(option)) return bad("Connection is not a list of tokens.");
        // A proxy that obeyed would remove the field that frames or routes the request.
        if (same(option, "content-length") || same(option, "transfer-encoding") ||
            same(option, "host"))
            return bad("Connection names a field that must stay.");
        says_close_ = says_close_ || same(option, "close");
        says_keep_alive_ = says_keep_alive_ || same(option, "keep-alive");
        says_upgrade_ = says_upgrade_ || same(option, "upgrade");
    }
    return accepted;
}

}  // namespace tallycast::net
