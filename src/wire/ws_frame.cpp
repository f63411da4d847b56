#include <tallycast/wire/ws_frame.hpp>

#include "utf8_follower.hpp"
#include "ws_mask.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace tallycast::wire {

namespace {

constexpr std::size_t max_control_payload = 125;
constexpr std::size_t max_head = 14;

bool is_control(ws_opcode opcode) { return (static_cast<std::uint8_t>(opcode) & 0x8) != 0; }

bool is_whole_utf8(std::string_view bytes) {
    utf8_follower follower;
    return follower.accept(bytes) && follower.at_character_end();
}

bool may_be_sent(std::uint16_t close_code) {
    if (close_code >= 3000) return close_code <= 4999;
    return close_code >= 1000 && close_code <= 1014 && close_code != 1004 && close_code != 1005 &&
           close_code != 1006;
}

std::size_t length_bytes(std::uint8_t second) {
    const std::uint8_t length = second & 0x7F;
    return length == 127 ? 8 : length == 126 ? 2 : 0;
}

}  // namespace

struct ws_decoder::frame_head {
    ws_opcode opcode = ws_opcode::text;
    bool final = true;
    bool length_is_minimal = true;
    std::array<char, 4> mask{};
    std::uint64_t length = 0;

    // `bytes` is a whole head.
    explicit frame_head(std::string_view bytes) {
        const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
        final = (at(0) & 0x80) != 0;
        opcode = static_cast<ws_opcode>(at(0) & 0x0F);
        length = at(1) & 0x7F;
        const std::size_t more = length_bytes(at(1));
        if (more > 0) {
            length = 0;
            for (std::size_t i = 0; i < more; ++i) length = length << 8 | at(2 + i);
            length_is_minimal = length > (more == 2 ? max_control_payload : 0xFFFF);
        }
        std::memcpy(mask.data(), bytes.data() + 2 + more, mask.size());
    }
    frame_head() = default;
};

// What is on the heap while a frame or a fragmented message is not whole.
struct ws_decoder::half_arrived {
    base::mono_time since{};
    std::array<char, max_head> head_bytes{};
    std::uint8_t head_size = 0;
    bool in_frame = false;
    bool in_message = false;  // a first fragment came, the last one has not ended
    bool text = false;
    frame_head head;        // of the frame under way
    std::uint64_t got = 0;  // of its payload
    std::uint32_t fragments = 0;
    utf8_follower utf8;
    std::string message;
    std::string control;

    bool under_way() const { return head_size > 0 || in_frame || in_message; }
};

ws_decoder::ws_decoder(const ws_limits& limits) : limits_(limits) {}
ws_decoder::~ws_decoder() = default;
ws_decoder::ws_decoder(ws_decoder&&) noexcept = default;
ws_decoder& ws_decoder::operator=(ws_decoder&&) noexcept = default;

ws_step ws_decoder::next(std::span<char> bytes, base::mono_time now) {
    if (half_ && !half_->under_way()) half_.reset();
    if (life_ == life::closed) return {.consumed = bytes.size()};
    ws_step step;
    if (life_ == life::open && now > deadline())
        step = fail(ws_code::too_slow, "a message took too long to arrive");
    std::size_t consumed = 0;
    while (life_ == life::open && step.event == ws_event::none && consumed < bytes.size()) {
        const auto rest = bytes.subspan(consumed);
        step = half_ && half_->in_frame ? read_part(rest) : read_head(rest, now);
        consumed += step.consumed;
    }
    if (life_ == life::failed)
        return {bytes.size(), ws_event::failure, false, failure_code_, failure_why_};
    step.consumed = consumed;
    return step;
}

base::mono_time ws_decoder::deadline() const noexcept {
    if (!half_ || !half_->under_way() || life_ != life::open) return base::mono_time::max();
    return half_->since + limits_.message_time;
}

// Gathers a frame's head. A payload that is all there and needs no gathering is read where it lies.
ws_step ws_decoder::read_head(std::span<char> bytes, base::mono_time now) {
    std::array<char, max_head> head_bytes{};
    std::size_t size = half_ ? half_->head_size : 0;
    if (size > 0) std::copy_n(half_->head_bytes.begin(), size, head_bytes.begin());
    std::size_t consumed = 0;
    const auto take_until = [&](std::size_t wanted) {
        for (; size < wanted && consumed < bytes.size(); ++size)
            head_bytes[size] = bytes[consumed++];
        return size >= wanted;
    };
    const bool begun = take_until(2);
    const auto second = static_cast<std::uint8_t>(head_bytes[1]);
    if (begun) {
        const char* fault = fault_of(static_cast<std::uint8_t>(head_bytes[0]), second);
        if (fault != nullptr) return fail(ws_code::protocol_error, fault);
    }
    if (!begun || !take_until(2 + length_bytes(second) + 4)) {
        half(now).head_bytes = head_bytes;
        half_->head_size = static_cast<std::uint8_t>(size);
        return {.consumed = consumed};
    }
    if (half_) half_->head_size = 0;

    const frame_head head(std::string_view(head_bytes.data(), size));
    ws_step step = check_head(head, now);
    if (step.event != ws_event::none) return step;
    const auto rest = bytes.subspan(consumed);
    const bool alone =
        is_control(head.opcode) || (head.final && head.opcode != ws_opcode::continuation);
    if (alone && rest.size() >= head.length) {
        step = read_whole(head, rest.first(head.length));
        step.consumed = head.length;
    } else {
        half(now);
        begin_part(head);
        step = read_part(rest);
    }
    step.consumed += consumed;
    return step;
}

ws_step ws_decoder::read_whole(const frame_head& head, std::span<char> payload) {
    apply_mask(payload, head.mask, 0);
    const std::string_view view(payload.data(), payload.size());
    if (is_control(head.opcode)) return finish_control(head.opcode, view);
    const bool text = head.opcode == ws_opcode::text;
    if (text && !is_whole_utf8(view)) return fail(ws_code::bad_text, "text is not UTF-8");
    return {.event = ws_event::message, .text = text, .payload = view};
}

void ws_decoder::begin_part(const frame_head& head) {
    half_->head = head;
    half_->in_frame = true;
    half_->got = 0;
    if (is_control(head.opcode)) {
        half_->control.clear();
        return;
    }
    if (head.opcode != ws_opcode::continuation) half_->text = head.opcode == ws_opcode::text;
    half_->in_message = true;
    ++half_->fragments;
}

ws_step ws_decoder::read_part(std::span<char> bytes) {
    half_arrived& h = *half_;
    const auto size =
        static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), h.head.length - h.got));
    apply_mask(bytes.first(size), h.head.mask, h.got);
    h.got += size;
    const std::string_view piece(bytes.data(), size);
    if (is_control(h.head.opcode)) {
        h.control.append(piece);
    } else {
        if (h.text && !h.utf8.accept(piece)) return fail(ws_code::bad_text, "text is not UTF-8");
        h.message.append(piece);
    }
    ws_step step;
    if (h.got == h.head.length) step = finish_part();
    step.consumed = size;
    return step;
}

ws_step ws_decoder::finish_part() {
    half_arrived& h = *half_;
    h.in_frame = false;
    if (is_control(h.head.opcode)) return finish_control(h.head.opcode, h.control);
    if (!h.head.final) return {};
    h.in_message = false;
    if (h.text && !h.utf8.at_character_end()) return fail(ws_code::bad_text, "text is not UTF-8");
    return {.event = ws_event::message, .text = h.text, .payload = h.message};
}

ws_step ws_decoder::finish_control(ws_opcode opcode, std::string_view payload) {
    if (opcode == ws_opcode::ping) return {.event = ws_event::ping, .payload = payload};
    if (opcode == ws_opcode::pong) return {.event = ws_event::pong, .payload = payload};
    return finish_close(payload);
}

ws_step ws_decoder::finish_close(std::string_view payload) {
    std::uint16_t code = ws_code::none;
    if (payload.size() == 1) return fail(ws_code::protocol_error, "a close code has two bytes");
    if (!payload.empty()) {
        code = static_cast<std::uint16_t>(static_cast<std::uint8_t>(payload[0]) << 8 |
                                          static_cast<std::uint8_t>(payload[1]));
        payload.remove_prefix(2);
        if (!may_be_sent(code)) return fail(ws_code::protocol_error, "no such close code");
        if (!is_whole_utf8(payload))
            return fail(ws_code::bad_text, "the close reason is not UTF-8");
    }
    life_ = life::closed;
    return {.event = ws_event::close, .code = code, .payload = payload};
}

// What the RFC forbids in a head's first two bytes; null when nothing.
const char* ws_decoder::fault_of(std::uint8_t first, std::uint8_t second) const {
    const auto opcode = static_cast<ws_opcode>(first & 0x0F);
    if ((first & 0x70) != 0) return "reserved bits are set";
    if ((second & 0x80) == 0) return "a client's frames are masked";
    const bool in_message = half_ && half_->in_message;
    switch (opcode) {
        case ws_opcode::continuation: return in_message ? nullptr : "nothing to continue";
        case ws_opcode::text:
        case ws_opcode::binary: return in_message ? "a message began within a message" : nullptr;
        case ws_opcode::close:
        case ws_opcode::ping:
        case ws_opcode::pong: break;
        default: return "unknown opcode";
    }
    if ((first & 0x80) == 0) return "a control frame is never fragmented";
    return (second & 0x7F) > max_control_payload ? "a control frame is too long" : nullptr;
}

// What needs the whole head to be told: its length, and our limits.
ws_step ws_decoder::check_head(const frame_head& head, base::mono_time now) {
    if (!head.length_is_minimal)
        return fail(ws_code::protocol_error, "a length is not in its shortest form");
    if (head.length >> 63 != 0)
        return fail(ws_code::protocol_error, "a length has its highest bit set");
    if (is_control(head.opcode)) {
        if (control_is_flood(now)) return fail(ws_code::flood, "too many control frames");
        return {};
    }
    const std::size_t gathered = half_ ? half_->message.size() : 0;
    if (head.length > limits_.message_bytes - gathered)
        return fail(ws_code::too_big, "a message is too long");
    const std::size_t fragments = half_ ? half_->fragments : 0;
    if (fragments >= limits_.fragments)
        return fail(ws_code::tallycast_protocol, "a message has too many fragments");
    return {};
}

bool ws_decoder::control_is_flood(base::mono_time now) {
    if (control_count_ == 0 || now - control_since_ >= std::chrono::seconds{1}) {
        control_since_ = now;
        control_count_ = 0;
    }
    return ++control_count_ > limits_.control_per_second;
}

ws_step ws_decoder::fail(std::uint16_t code, const char* why) {
    life_ = life::failed;
    failure_code_ = code;
    failure_why_ = why;
    half_.reset();
    return {.event = ws_event::failure, .code = code, .payload = why};
}

ws_decoder::half_arrived& ws_decoder::half(base::mono_time now) {
    if (!half_) {
        half_ = std::make_unique<half_arrived>();
        half_->since = now;
    }
    return *half_;
}

}  // namespace tallycast::wire
