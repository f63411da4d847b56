#pragma once
// WebSocket frames (RFC 6455) as a state machine without I/O: bytes in, one event at a time out;
// and frames as bytes. No extensions. A decoder belongs to one connection and one thread.
//
// The decoder takes every byte it is given, so a connection that waits needs no read buffer: any
// buffer of the core's will do for the next bytes. Between frames it holds nothing but its own few
// words; what is half arrived is gathered on the heap and released when it is whole.

#include <tallycast/base/time.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tallycast::wire {

enum class ws_opcode : std::uint8_t {
    continuation = 0,
    text = 1,
    binary = 2,
    close = 8,
    ping = 9,
    pong = 10
};

// Close codes: those of the RFC we send, and our own of 4000 and above.
namespace ws_code {
inline constexpr std::uint16_t normal = 1000;
inline constexpr std::uint16_t going_away = 1001;
inline constexpr std::uint16_t protocol_error = 1002;
inline constexpr std::uint16_t unsupported = 1003;
inline constexpr std::uint16_t none = 1005;  // never on the wire: the peer gave no code
inline constexpr std::uint16_t bad_text = 1007;
inline constexpr std::uint16_t too_big = 1009;
inline constexpr std::uint16_t service_restart = 1012;
inline constexpr std::uint16_t try_again_later = 1013;
inline constexpr std::uint16_t tallycast_protocol = 4400;
inline constexpr std::uint16_t token = 4401;
inline constexpr std::uint16_t too_slow = 4408;
inline constexpr std::uint16_t flood = 4429;
}  // namespace ws_code

struct ws_limits {
    std::size_t message_bytes =
        4096;                    // over it: 1009, from the declared length, before anything is kept
    std::size_t fragments = 64;  // of one message; over it: 4400
    std::uint32_t control_per_second =
        20;  // pings and pongs in a second that begins with one; over it: 4429
    std::chrono::seconds message_time{
        10};  // from a message's first byte to its last; over it: 4408
};

enum class ws_event : std::uint8_t {
    none,     // all bytes are taken: come back with more
    message,  // a whole message: `payload`, `text`
    ping,     // `payload` wants to come back as a pong
    pong,
    close,  // the peer closes: `code` (ws_code::none if it gave none), `payload` is the reason. The
            // last event
    failure,  // close with `code`; `payload` says why, in words fit for a close reason. Every later
              // call repeats it
};

struct ws_step {
    std::size_t consumed = 0;
    ws_event event = ws_event::none;
    bool text = false;  // message: UTF-8 text, checked; otherwise binary
    std::uint16_t code = 0;
    std::string_view payload{};  // into the bytes given, or into the decoder: until the next call
};

// The server's side: expects the masked frames of a client.
class ws_decoder {
public:
    explicit ws_decoder(const ws_limits& limits = {});
    ~ws_decoder();
    ws_decoder(ws_decoder&&) noexcept;
    ws_decoder& operator=(ws_decoder&&) noexcept;

    // Reads up to one event; call again with what was not consumed until the event is none. The
    // bytes are unmasked in place. Where a stream of bytes is cut makes no difference to its
    // events. With no bytes it only looks at the time and lets go of a message delivered before.
    ws_step next(std::span<char> bytes, base::mono_time now);

    // When what is half arrived becomes too old; the far future when nothing is. A sweeper that
    // finds it past calls next() without bytes and is given the failure.
    base::mono_time deadline() const noexcept;

private:
    struct frame_head;
    struct half_arrived;

    enum class life : std::uint8_t { open, closed, failed };

    ws_step read_head(std::span<char> bytes, base::mono_time now);
    ws_step read_whole(const frame_head& head, std::span<char> payload);
    ws_step read_part(std::span<char> bytes);
    ws_step finish_part();
    ws_step finish_control(ws_opcode opcode, std::string_view payload);
    ws_step finish_close(std::string_view payload);
    const char* fault_of(std::uint8_t first, std::uint8_t second) const;
    ws_step check_head(const frame_head& head, base::mono_time now);
    ws_step fail(std::uint16_t code, const char* why);
    void begin_part(const frame_head& head);
    bool control_is_flood(base::mono_time now);
    half_arrived& half(base::mono_time now);

    ws_limits limits_;
    base::mono_time control_since_{};
    std::uint32_t control_count_ = 0;
    std::uint16_t failure_code_ = 0;
    life life_ = life::open;
    const char* failure_why_ = "";
    std::unique_ptr<half_arrived> half_;
};

// As a server sends: unmasked. `final` false leaves the message open for continuation frames.
void append_frame(std::string& out, ws_opcode opcode, std::string_view payload, bool final = true);
std::string encode_text(std::string_view payload);
// A payload of at most 125 bytes, as every ping's is.
void append_pong(std::string& out, std::string_view payload);
// The reason is cut at a character's end so that the frame is legal; ws_code::none sends no code
// and no reason.
void append_close(std::string& out, std::uint16_t code, std::string_view reason = {});

// As a client sends: masked. For tests and load tools, so the mask need not be unpredictable.
void append_masked_frame(std::string& out, ws_opcode opcode, std::string_view payload,
                         std::uint32_t mask, bool final = true);

// Whether a Sec-WebSocket-Key is what the RFC asks for: 16 bytes in base64, in their one canonical
// form.
bool is_valid_ws_key(std::string_view key);

}  // namespace tallycast::wire
