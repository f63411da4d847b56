#include "push.hpp"

namespace tallycast::redis {

std::optional<push> read_push(const reply& one) {
    if (one.what != reply::kind::array || one.items.size() != 3 || !one.items[1].is_text())
        return {};
    const auto& word = one.items[0].text;
    if (word == "smessage" || word == "message")
        return push{push::kind::message, one.items[1].text, one.items[2].text};
    // Never in answer: nobody here unsubscribes.
    if (word == "sunsubscribe") return push{push::kind::taken_away, one.items[1].text, {}};
    return {};
}

}  // namespace tallycast::redis
