#pragma once
// The mask that a client lays over its payloads (RFC 6455, 5.3).

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace tallycast::wire {

// Masking and unmasking are the same; `offset` is how much of the payload went before.
inline void apply_mask(std::span<char> bytes, const std::array<char, 4>& mask,
                       std::uint64_t offset) {
    std::array<char, 8> turned{};
    for (std::size_t i = 0; i < turned.size(); ++i) turned[i] = mask[(offset + i) % mask.size()];
    std::uint64_t pattern = 0;
    std::memcpy(&pattern, turned.data(), sizeof pattern);
    std::size_t i = 0;
    for (std::uint64_t word = 0; bytes.size() - i >= sizeof word; i += sizeof word) {
        std::memcpy(&word, bytes.data() + i, sizeof word);
        word ^= pattern;
        std::memcpy(bytes.data() + i, &word, sizeof word);
    }
    for (; i < bytes.size(); ++i)
        bytes[i] = static_cast<char>(bytes[i] ^ turned[i % turned.size()]);
}

}  // namespace tallycast::wire
