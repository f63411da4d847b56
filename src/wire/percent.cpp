#include <tallycast/wire/percent.hpp>

#include "plain_text.hpp"

#include <algorithm>

namespace tallycast::wire {

namespace {

enum class plus : bool { stays, is_space };
enum class controls : bool { refused, kept };  // U+0000 is never kept

base::failure refused(std::string why) { return {base::errc::invalid_request, std::move(why)}; }

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

base::result<std::string> decoded(std::string_view text, plus what, controls which) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i] == '+' && what == plus::is_space ? ' ' : text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? digit_of(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? digit_of(text[i + 2]) : -1;
        if (high < 0 || low < 0) return refused("Two hexadecimal digits must follow each %.");
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    const auto is_refused = [which](unsigned char c) {
        return c == 0 || (which == controls::refused && (c < 0x20 || c == 0x7f));
    };
    if (std::ranges::any_of(out, is_refused))
        return refused("A control character is not expected here.");
    if (!is_utf8(out)) return refused("What is percent-encoded must be UTF-8.");
    return out;
}

base::result<name_value_pairs> pairs_of(std::string_view text, std::size_t most, controls which) {
    name_value_pairs pairs;
    while (!text.empty()) {
        const auto field = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(field.size() + 1, text.size()));
        if (field.empty()) continue;
        if (pairs.size() == most)
            return refused("At most " + std::to_string(most) + " parameters are taken.");
        const auto equals = std::min(field.find('='), field.size());
        auto name = decoded(field.substr(0, equals), plus::is_space, controls::refused);
        if (!name) return name.error();
        if (name->empty()) return refused("A parameter has no name.");
        auto value =
            decoded(field.substr(std::min(equals + 1, field.size())), plus::is_space, which);
        if (!value) return value.error();
        pairs.emplace_back(std::move(*name), std::move(*value));
    }
    return pairs;
}

}  // namespace

base::result<std::string> decode_segment(std::string_view segment) {
    return decoded(segment, plus::stays, controls::refused);
}

base::result<name_value_pairs> read_query(std::string_view query) {
    auto pairs = pairs_of(query, max_query_pairs, controls::refused);
    if (!pairs) return pairs;
    for (std::size_t i = 0; i < pairs->size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if ((*pairs)[i].first == (*pairs)[j].first)
                return refused("The parameter \"" + shortened((*pairs)[i].first) +
                               "\" stands twice.");
    return pairs;
}

base::result<name_value_pairs> read_form(std::string_view body) {
    return pairs_of(body, max_form_pairs, controls::kept);
}

}  // namespace tallycast::wire
