#include <tallycast/wire/traceparent.hpp>

#include <algorithm>
#include <cstddef>

namespace tallycast::wire {

namespace {

constexpr std::size_t length = 55;  // of version 00

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

// Two digits a byte; false where one is no digit.
template <std::size_t N>
bool read_bytes(std::string_view text, std::array<std::uint8_t, N>& to) {
    for (std::size_t i = 0; i < N; ++i) {
        const int high = digit(text[2 * i]);
        const int low = digit(text[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        to[i] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return true;
}

template <std::size_t N>
bool any(const std::array<std::uint8_t, N>& bytes) {
    return std::ranges::any_of(bytes, [](auto byte) { return byte != 0; });
}

template <std::size_t N>
void append_bytes(std::string& to, const std::array<std::uint8_t, N>& bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (const auto byte : bytes) {
        to += digits[byte >> 4];
        to += digits[byte & 15];
    }
}

}  // namespace

std::optional<base::trace_context> read_traceparent(std::string_view text) {
    if (text.size() < length || text[2] != '-' || text[35] != '-' || text[52] != '-')
        return std::nullopt;
    std::array<std::uint8_t, 1> version{};
    std::array<std::uint8_t, 1> flags{};
    base::trace_context context;
    if (!read_bytes(text, version) || !read_bytes(text.substr(3), context.trace) ||
        !read_bytes(text.substr(36), context.span) || !read_bytes(text.substr(53), flags))
        return std::nullopt;
    const bool goes_on = text.size() > length;
    if (version[0] == 0xff || (goes_on && (version[0] == 0 || text[length] != '-')))
        return std::nullopt;
    if (!any(context.trace) || !any(context.span)) return std::nullopt;
    context.sampled = (flags[0] & 1) != 0;
    return context;
}

std::string write_traceparent(const base::trace_context& context) {
    std::string text = "00-";
    append_bytes(text, context.trace);
    text += '-';
    append_bytes(text, context.span);
    return text += context.sampled ? "-01" : "-00";
}

}  // namespace tallycast::wire
