#pragma once
// What comes unasked over a link with subscriptions. Pure.

#include "reply.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace tallycast::redis {

struct push {
    enum class kind : std::uint8_t { message = 1, taken_away };  // a channel's slot moved

    kind what = kind::message;
    std::string_view channel;  // both point into the reply
    std::string_view payload;
};

// Nothing when it answers a command instead.
std::optional<push> read_push(const reply& one);

}  // namespace tallycast::redis
