#pragma once
// When someone whose connection ended tries again: as the node said, else as the pages do. Pure.

#include <chrono>
#include <cstdint>
#include <string_view>

namespace tallycast::load {

// How a connection ended.
struct parting {
    enum class advice : std::uint8_t {
        none,    // it broke, or nothing was said
        within,  // at any time within `time`: all who are sent away share it
        after    // not before `time`
    };
    std::uint16_t code = 0;  // of a WebSocket close, or the HTTP status that refused the upgrade
    advice says = advice::none;
    std::chrono::milliseconds time{0};
};

// A close frame's payload: the code, then the reason, which may be JSON.
parting read_close(std::string_view payload);

// failures: attempts in a row that led nowhere. random: 0 to 1.
std::chrono::milliseconds comeback_wait(const parting& how, unsigned failures, double random);

}  // namespace tallycast::load
