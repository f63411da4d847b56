#pragma once
// WebSocket frames as a client writes and reads them (RFC 6455): masked out, unmasked in. Pure.

#include <cstdint>
#include <string>
#include <string_view>

namespace tallycast::load {

enum class ws_opcode : std::uint8_t {
    continuation = 0,
    text = 1,
    binary = 2,
    close = 8,
    ping = 9,
    pong = 10
};

struct ws_frame {
    ws_opcode opcode = ws_opcode::text;
    bool final = true;
    std::string payload;
};

enum class ws_progress { need_more, complete, broken };

inline constexpr std::size_t max_ws_payload = 4 * 1024 * 1024;

// Appends one whole frame. The mask need not be secret here, only well-formed.
void append_masked(std::string& out, ws_opcode opcode, std::string_view payload,
                   std::uint32_t mask);

// complete: `to` is filled and the frame's bytes are gone from `in`. broken: a masked frame,
// reserved bits, an unknown opcode or a payload past the limit.
ws_progress take_frame(std::string& in, ws_frame& to);

}  // namespace tallycast::load
