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

}  // namespace tallycast::domain
