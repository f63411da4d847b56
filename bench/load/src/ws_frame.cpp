#include <tallycast/load/ws_frame.hpp>

namespace tallycast::load {

namespace {

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i)
        out.push_back(static_cast<char>((value >> (8 * i)) & 0xff));
}

std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char c : bytes) value = (value << 8) | static_cast<unsigned char>(c);
    return value;
}

bool known(unsigned opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

}  // namespace

std::string upgrade_request(std::string_view authority, std::string_view path,
                            std::string_view subprotocol) {
    std::string made = "GET ";
    made.append(path).append(" HTTP/1.1\r\nHost: ").append(authority);
    made.append(
        "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGFsbHljYXN0LWJlbmNoIQ==\r\n");
    if (!subprotocol.empty())
        made.append("Sec-WebSocket-Protocol: ").append(subprotocol).append("\r\n");
    return made.append("\r\n");
}

void append_masked(std::string& out, ws_opcode opcode, std::string_view payload,
                   std::uint32_t mask) {
    constexpr unsigned masked_bit = 0x80;
    out.push_back(static_cast<char>(0x80u | static_cast<unsigned>(opcode)));
    if (payload.size() < 126) {
        out.push_back(static_cast<char>(masked_bit | payload.size()));
    } else if (payload.size() <= 0xffff) {
        out.push_back(static_cast<char>(masked_bit | 126u));
        append_big_endian(out, payload.size(), 2);
    } else {
        out.push_back(static_cast<char>(masked_bit | 127u));
        append_big_endian(out, payload.size(), 8);
    }
    const auto mask_at = out.size();
    append_big_endian(out, mask, 4);
    for (std::size_t i = 0; i < payload.size(); ++i) {
        out.push_back(static_cast<char>(payload[i] ^ out[mask_at + i % 4]));
    }
}

ws_progress look_at_frame(std::string_view in, ws_frame_view& to) {
    if (in.size() < 2) return ws_progress::need_more;
    const auto first = static_cast<unsigned char>(in[0]);
    const auto second = static_cast<unsigned char>(in[1]);
    if ((first & 0x70u) != 0 || (second & 0x80u) != 0 || !known(first & 0x0fu))
        return ws_progress::broken;
    const std::size_t length_bytes = second == 126 ? 2 : second == 127 ? 8 : 0;
    if (in.size() < 2 + length_bytes) return ws_progress::need_more;
    const std::uint64_t length =
        length_bytes == 0 ? second : big_endian(in.substr(2, length_bytes));
    if (length > max_ws_payload) return ws_progress::broken;
    const std::size_t head = 2 + length_bytes;
    if (in.size() - head < length) return ws_progress::need_more;
    to.opcode = static_cast<ws_opcode>(first & 0x0fu);
    to.final = (first & 0x80u) != 0;
    to.payload = in.substr(head, static_cast<std::size_t>(length));
    to.size = head + static_cast<std::size_t>(length);
    return ws_progress::complete;
}

ws_progress take_frame(std::string& in, ws_frame& to) {
    ws_frame_view seen;
    const auto got = look_at_frame(in, seen);
    if (got != ws_progress::complete) return got;
    to.opcode = seen.opcode;
    to.final = seen.final;
    to.payload.assign(seen.payload);
    in.erase(0, seen.size);
    return got;
}

}  // namespace tallycast::load
