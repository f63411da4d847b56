#include "plain_text.hpp"

#include <tallycast/base/id.hpp>

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

namespace tallycast::wire {

namespace {

constexpr std::string_view not_utf8 = "is not UTF-8";
constexpr std::string_view has_controls = "holds a control character";
constexpr std::string_view turns_direction =
    "holds a character that overrides the direction of text";

const utf8proc_uint8_t* bytes_of(std::string_view text) {
    return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

// Calls visit(code point) for each, until it returns false. False when the text is not UTF-8.
template <class Visit>
bool each_character(std::string_view text, Visit visit) {
    while (!text.empty()) {
        utf8proc_int32_t character = 0;
        const auto length = utf8proc_iterate(
            bytes_of(text), static_cast<utf8proc_ssize_t>(text.size()), &character);
        if (length <= 0) return false;
        if (!visit(character)) return true;
        text.remove_prefix(static_cast<std::size_t>(length));
    }
    return true;
}

std::string_view fault_of_character(utf8proc_int32_t c) {
    if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029) return has_controls;
    if ((c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069)) return turns_direction;
    return {};
}

// Text without a fault cannot fail for what it is, only for want of memory.
std::string mapped(std::string_view text, int how) {
    utf8proc_uint8_t* made = nullptr;
    const auto length = utf8proc_map(bytes_of(text), static_cast<utf8proc_ssize_t>(text.size()),
                                     &made, static_cast<utf8proc_option_t>(how));
    const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner{made, &std::free};
    if (length < 0) throw std::bad_alloc{};
    return {reinterpret_cast<const char*>(made), static_cast<std::size_t>(length)};
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

std::string_view fault_of_text(std::string_view text) {
    std::string_view fault;
    const bool whole = each_character(text, [&](utf8proc_int32_t c) {
        fault = fault_of_character(c);
        return fault.empty();
    });
    return whole ? fault : not_utf8;
}

bool is_utf8(std::string_view text) {
    return each_character(text, [](utf8proc_int32_t) { return true; });
}

std::string composed(std::string_view text) {
    if (is_ascii(text)) return std::string(text);
    return mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

std::string look_of(std::string_view text) {
    const auto folded = mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT |
                                         UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
    std::string look;
    bool gap = false;
    each_character(folded, [&](utf8proc_int32_t c) {
        if (utf8proc_category(c) == UTF8PROC_CATEGORY_ZS) {
            gap = !look.empty();
            return true;
        }
        if (gap) look += ' ';
        gap = false;
        utf8proc_uint8_t encoded[4];
        look.append(reinterpret_cast<const char*>(encoded),
                    static_cast<std::size_t>(utf8proc_encode_char(c, encoded)));
        return true;
    });
    return look;
}

std::size_t characters_of(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

bool is_id(std::string_view text) {
    const auto url_safe = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    };
    return !text.empty() && text.size() <= base::id_max_length &&
           std::ranges::all_of(text, url_safe);
}

bool is_key(std::string_view text) {
    constexpr std::size_t longest = 64;
    return !text.empty() && text.size() <= longest &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

std::string shortened(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes) return std::string(text);
    auto end = bytes;
    while (end > 0 && (text[end] & 0xc0) == 0x80) --end;
    return std::string(text.substr(0, end)) + "...";
}

}  // namespace tallycast::wire
