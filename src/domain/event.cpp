#include <tallycast/domain/event.hpp>

namespace tallycast::domain {

std::optional<std::string> folded_code(std::string_view typed) {
    std::string code;
    for (const char c : typed) {
        if (c == ' ' || c == '-') continue;
        const bool lower = c >= 'a' && c <= 'z';
        const bool upper_or_digit = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!lower && !upper_or_digit) return std::nullopt;
        code += lower ? static_cast<char>(c - 32) : c;
        if (code.size() > max_code_length) return std::nullopt;
    }
    if (code.size() < min_code_length) return std::nullopt;
    return code;
}

std::string look_of_code(std::string_view folded_code) {
    constexpr std::string_view seen = "OQILZSGBU";
    constexpr std::string_view taken_for = "00112568V";
    static_assert(seen.size() == taken_for.size());
    std::string look(folded_code);
    for (char& c : look)
        if (const auto at = seen.find(c); at != std::string_view::npos) c = taken_for[at];
    return look;
}

}  // namespace tallycast::domain
