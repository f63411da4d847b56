#pragma once
// UTF-8 asked piece by piece, wherever the pieces are cut: false from the first byte that no text
// can have.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace tallycast::wire {

// After a lead byte it knows how many bytes follow and between what bounds the next one lies.
class utf8_follower {
public:
    bool accept(std::string_view piece) {
        std::size_t i = 0;
        while (i < piece.size()) {
            if (following_ == 0) {
                i = skip_ascii(piece, i);
                if (i == piece.size()) return true;
            }
            const auto byte = static_cast<std::uint8_t>(piece[i++]);
            if (following_ == 0 ? !begin(byte) : !go_on(byte)) return false;
        }
        return true;
    }

    bool at_character_end() const { return following_ == 0; }

private:
    static std::size_t skip_ascii(std::string_view piece, std::size_t i) {
        for (std::uint64_t word = 0; piece.size() - i >= sizeof word; i += sizeof word) {
            std::memcpy(&word, piece.data() + i, sizeof word);
            if ((word & 0x8080808080808080u) != 0) break;
        }
        while (i < piece.size() && static_cast<std::uint8_t>(piece[i]) < 0x80) ++i;
        return i;
    }

    // A lead byte. Bounds other than 80 to BF keep out overlong forms, surrogates and what is past
    // U+10FFFF.
    bool begin(std::uint8_t lead) {
        low_ = 0x80;
        high_ = 0xBF;
        if (lead < 0xC2 || lead > 0xF4) return false;
        following_ = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
        if (lead == 0xE0) low_ = 0xA0;
        if (lead == 0xED) high_ = 0x9F;
        if (lead == 0xF0) low_ = 0x90;
        if (lead == 0xF4) high_ = 0x8F;
        return true;
    }

    bool go_on(std::uint8_t byte) {
        if (byte < low_ || byte > high_) return false;
        low_ = 0x80;
        high_ = 0xBF;
        --following_;
        return true;
    }

    std::uint8_t following_ = 0;
    std::uint8_t low_ = 0x80;
    std::uint8_t high_ = 0xBF;
};

}  // namespace tallycast::wire
