#include <tallycast/wire/ws_frame.hpp>

#include "ws_mask.hpp"

#include <array>

namespace tallycast::wire {

namespace {

constexpr std::size_t max_control_payload = 125;

void append_head(std::string& out, ws_opcode opcode, std::size_t length, bool final, bool masked) {
    out.push_back(static_cast<char>((final ? 0x80 : 0) | static_cast<std::uint8_t>(opcode)));
    const int mask_bit = masked ? 0x80 : 0;
    const int width = length <= 125 ? 0 : length <= 0xFFFF ? 2 : 8;
    out.push_back(static_cast<char>(mask_bit | (width == 0   ? static_cast<int>(length)
                                                : width == 2 ? 126
                                                             : 127)));
    for (int shift = 8 * width - 8; shift >= 0; shift -= 8) {
        out.push_back(static_cast<char>((static_cast<std::uint64_t>(length) >> shift) & 0xFF));
    }
}

}  // namespace

void append_frame(std::string& out, ws_opcode opcode, std::string_view payload, bool final) {
    append_head(out, opcode, payload.size(), final, false);
    out.append(payload);
}

std::string encode_text(std::string_view payload) {
    std::string out;
    out.reserve(payload.size() + 10);
    append_frame(out, ws_opcode::text, payload);
    return out;
}

void append_pong(std::string& out, std::string_view payload) {
    append_frame(out, ws_opcode::pong, payload.substr(0, max_control_payload));
}

void append_close(std::string& out, std::uint16_t code, std::string_view reason) {
    if (code == ws_code::none) return append_frame(out, ws_opcode::close, {});
    constexpr std::size_t room = max_control_payload - 2;
    if (reason.size() > room) {
        std::size_t end = room;
        while (end > 0 && (static_cast<std::uint8_t>(reason[end]) & 0xC0) == 0x80) --end;
        reason = reason.substr(0, end);
    }
    std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
    payload.append(reason);
    append_frame(out, ws_opcode::close, payload);
}

void append_masked_frame(std::string& out, ws_opcode opcode, std::string_view payload,
                         std::uint32_t mask, bool final) {
    append_head(out, opcode, payload.size(), final, true);
    std::array<char, 4> key{};
    for (std::size_t i = 0; i < key.size(); ++i)
        key[i] = static_cast<char>(mask >> (24 - 8 * i) & 0xFF);
    out.append(key.data(), key.size());
    const std::size_t begin = out.size();
    out.append(payload);
    apply_mask(std::span<char>(out).subspan(begin), key, 0);
}

bool is_valid_ws_key(std::string_view key) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    // The last digit carries two bits of the sixteenth byte and four that must be zero.
    constexpr std::string_view last_digits = "AQgw";
    if (key.size() != 24 || !key.ends_with("==")) return false;
    return key.substr(0, 21).find_first_not_of(alphabet) == std::string_view::npos &&
           last_digits.find(key[21]) != std::string_view::npos;
}

}  // namespace tallycast::wire
