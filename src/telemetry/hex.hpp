#pragma once
// Ids of traces as they are written.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tallycast::telemetry {

template <std::size_t N>
std::string hex(const std::array<std::uint8_t, N>& bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const auto byte : bytes) (text += digits[byte >> 4]) += digits[byte & 15];
    return text;
}

}  // namespace tallycast::telemetry
