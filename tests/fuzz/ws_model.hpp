#pragma once
// For the tests of wire/ws_frame.hpp: what a decoder made of a stream, written down one line an
// event; and a second decoder, slow and plain, that sees the whole stream at once and shares no
// code with it.

#include <tallycast/wire/ws_frame.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tallycast::fuzz {

using ws_lines = std::vector<std::string>;

inline std::string line_of(const wire::ws_step& step) {
    const std::string payload(step.payload);
    switch (step.event) {
        case wire::ws_event::none: return "none";
        case wire::ws_event::message: return (step.text ? "text " : "binary ") + payload;
        case wire::ws_event::ping: return "ping " + payload;
        case wire::ws_event::pong: return "pong " + payload;
        case wire::ws_event::close: return "close " + std::to_string(step.code) + ' ' + payload;
        case wire::ws_event::failure: return "failure " + std::to_string(step.code);
    }
    return "?";
}

// Gives the decoder one piece, in memory of exactly its size, until it has taken all of it.
inline void feed(wire::ws_decoder& decoder, std::string_view piece, base::mono_time now,
                 ws_lines& lines) {
    std::vector<char> bytes(piece.begin(), piece.end());
    std::size_t at = 0;
    while (true) {
        const wire::ws_step step = decoder.next(std::span<char>(bytes).subspan(at), now);
        at += step.consumed;
        if (step.event == wire::ws_event::none) break;
        lines.push_back(line_of(step));
        if (step.event == wire::ws_event::failure) break;
    }
    if (at != bytes.size()) lines.push_back("bytes were left");
}

// Cuts the stream behind each of the ascending places.
inline ws_lines decoded(std::string_view stream, const std::vector<std::size_t>& cuts,
                        const wire::ws_limits& limits = {}) {
    wire::ws_decoder decoder(limits);
    ws_lines lines;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= cuts.size(); ++i) {
        const std::size_t end = i < cuts.size() ? cuts[i] : stream.size();
        feed(decoder, stream.substr(begin, end - begin), base::mono_time{}, lines);
        if (!lines.empty() && lines.back().starts_with("failure")) break;
        begin = end;
    }
    return lines;
}

// How many bytes the first character has; nothing when it is none.
inline std::optional<std::size_t> naive_character(std::string_view text) {
    const auto at = [&](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i]));
    };
    if (at(0) < 0x80) return 1;
    const std::size_t size = at(0) >> 5 == 6 ? 2 : at(0) >> 4 == 14 ? 3 : at(0) >> 3 == 30 ? 4 : 0;
    if (size == 0 || text.size() < size) return std::nullopt;
    std::uint32_t point = at(0) & (0x7Fu >> size);
    for (std::size_t i = 1; i < size; ++i) {
        if (at(i) >> 6 != 2) return std::nullopt;
        point = point << 6 | (at(i) & 0x3F);
    }
    constexpr std::array<std::uint32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
    if (point < smallest[size] || point > 0x10FFFF || surrogate) return std::nullopt;
    return size;
}

// UTF-8, or what may still become it when more comes: found by trying every ending that could
// matter.
inline bool naive_utf8(std::string_view text, bool whole) {
    while (!text.empty()) {
        if (const auto size = naive_character(text)) {
            text.remove_prefix(*size);
            continue;
        }
        if (whole || text.size() > 3) return false;
        std::vector<std::string> tries{std::string(text)};
        for (std::size_t i = 0; i < tries.size(); ++i) {
            const std::string before = tries[i];
            if (before.size() > text.size() && naive_character(before) == before.size())
                return true;
            if (before.size() >= 4) continue;
            for (const char next : {'\x80', '\x8F', '\x90', '\x9F', '\xA0', '\xBF'})
                tries.push_back(before + next);
        }
        return false;
    }
    return true;
}

class naive_ws {
public:
    naive_ws(std::string_view stream, const wire::ws_limits& limits)
        : in_(stream), limits_(limits) {
        while (!done_ && step()) {
        }
    }
    const ws_lines& lines() const { return lines_; }

private:
    bool fail(int code) {
        lines_.push_back("failure " + std::to_string(code));
        done_ = true;
        return false;
    }

    bool step() {
        const auto at = [&](std::size_t i) {
            return static_cast<std::uint64_t>(static_cast<unsigned char>(in_[i]));
        };
        if (in_.size() < 2) return false;
        const auto opcode = at(0) & 15;
        const bool final = at(0) >= 128, control = opcode >= 8;
        if ((at(0) & 0x70) != 0 || at(1) < 128 || opcode > 10 || (opcode > 2 && opcode < 8))
            return fail(1002);
        if (control && (!final || (at(1) & 127) > 125)) return fail(1002);
        if (!control && (opcode == 0) != open_) return fail(1002);
        std::uint64_t length = at(1) & 127;
        const std::size_t more = length == 126 ? 2 : length == 127 ? 8 : 0;
        if (in_.size() < 6 + more) return false;
        if (more > 0) {
            length = 0;
            for (std::size_t i = 0; i < more; ++i) length = length * 256 + at(2 + i);
            if (length < (more == 2 ? 126u : 65536u) || length >= 1ull << 63) return fail(1002);
        }
        if (control && ++controls_ > limits_.control_per_second) return fail(4429);
        if (!control && length + message_.size() > limits_.message_bytes) return fail(1009);
        if (!control && (opcode == 0 ? fragments_ : 0) + 1 > limits_.fragments) return fail(4400);

        std::string payload;
        for (std::size_t i = 6 + more; i < in_.size() && payload.size() < length; ++i) {
            payload.push_back(static_cast<char>(at(i) ^ at(2 + more + payload.size() % 4)));
        }
        in_.remove_prefix(6 + more + payload.size());
        const bool whole = payload.size() == length;
        return control ? whole && on_control(opcode, payload)
                       : on_data(opcode, final, whole, payload);
    }

    bool on_control(std::uint64_t opcode, const std::string& payload) {
        if (opcode != 8) {
            lines_.push_back((opcode == 9 ? "ping " : "pong ") + payload);
            return true;
        }
        int code = 1005;
        if (payload.size() == 1) return fail(1002);
        if (payload.size() >= 2) {
            code = static_cast<unsigned char>(payload[0]) * 256 +
                   static_cast<unsigned char>(payload[1]);
            constexpr std::array<int, 12> good{1000, 1001, 1002, 1003, 1007, 1008,
                                               1009, 1010, 1011, 1012, 1013, 1014};
            const bool own = code >= 3000 && code < 5000;
            if (!own && std::find(good.begin(), good.end(), code) == good.end()) return fail(1002);
            if (!naive_utf8(std::string_view(payload).substr(2), true)) return fail(1007);
        }
        lines_.push_back("close " + std::to_string(code) + ' ' +
                         (code == 1005 ? "" : payload.substr(2)));
        done_ = true;
        return false;
    }

    bool on_data(std::uint64_t opcode, bool final, bool whole, const std::string& payload) {
        if (opcode != 0) {
            text_ = opcode == 1;
            fragments_ = 0;
        }
        ++fragments_;
        open_ = true;
        message_ += payload;
        if (text_ && !naive_utf8(message_, whole && final)) return fail(1007);
        if (!whole) return false;
        if (!final) return true;
        lines_.push_back((text_ ? "text " : "binary ") + message_);
        message_.clear();
        open_ = false;
        return true;
    }

    std::string_view in_;
    const wire::ws_limits& limits_;
    ws_lines lines_;
    std::string message_;
    std::size_t fragments_ = 0;
    std::size_t controls_ = 0;
    bool open_ = false;
    bool text_ = false;
    bool done_ = false;
};

}  // namespace tallycast::fuzz
