#pragma once
// WebSocket frames as a client writes and reads them (RFC 6455): masked out, unmasked in, and
// the request before them. Pure.

#include <cstddef>
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

// A whole frame where it lies.
struct ws_frame_view {
    ws_opcode opcode = ws_opcode::text;
    bool final = true;
    std::string_view payload;
    std::size_t size = 0;  // with its head
};

enum class ws_progress { need_more, complete, broken };

inline constexpr std::size_t max_ws_payload = 4 * 1024 * 1024;

// The request that becomes a WebSocket at this path. `subprotocol` may be empty.
std::string upgrade_request(std::string_view authority, std::string_view path,
                            std::string_view subprotocol);

// Appends one whole frame. The mask need not be secret here, only well-formed.
void append_masked(std::string& out, ws_opcode opcode, std::string_view payload,
                   std::uint32_t mask);

// complete: `to` shows the frame at the front of `in`. broken: a masked frame, reserved bits, an
// unknown opcode or a payload past the limit.
ws_progress look_at_frame(std::string_view in, ws_frame_view& to);

// The same as a copy: complete: `to` is filled and the frame's bytes are gone from `in`.
ws_progress take_frame(std::string& in, ws_frame& to);

}  // namespace tallycast::load
