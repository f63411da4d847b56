#include "replies.hpp"

#include <charconv>
#include <utility>

namespace tallycast::redis {

namespace {

constexpr std::size_t decision_bytes = 1 + 4;

base::wall_time wall(std::int64_t ms) { return base::wall_time(base::milliseconds(ms)); }

std::vector<domain::decision> decisions_in(std::string_view packed, base::wall_time at) {
    std::vector<domain::decision> decisions;
    decisions.reserve(packed.size() / decision_bytes);
    for (std::size_t i = 0; i + decision_bytes <= packed.size(); i += decision_bytes) {
        const auto byte = [&](std::size_t n) {
            return std::uint32_t{static_cast<unsigned char>(packed[i + n])};
        };
        domain::decision d;
        d.what = static_cast<domain::verdict>(byte(0));
        d.sequence = byte(1) | byte(2) << 8 | byte(3) << 16 | byte(4) << 24;
        d.at = at;
        if (d.what == domain::verdict::limited)
            d.retry_after = base::milliseconds(std::exchange(d.sequence, 0));
        decisions.push_back(d);
    }
    return decisions;
}

bool is_array(const reply& r, std::size_t at_least) {
    return r.what == reply::kind::array && r.items.size() >= at_least &&
           r.items.front().what == reply::kind::integer;
}

}  // namespace

std::int64_t number_at(const reply& answer, std::size_t n, std::int64_t otherwise) {
    if (answer.what != reply::kind::array || n >= answer.items.size()) return otherwise;
    const auto& item = answer.items[n];
    return item.what == reply::kind::integer ? item.number : otherwise;
}

std::optional<cast_answer> cast_answer_in(const reply& answer) {
    if (!is_array(answer, 1)) return std::nullopt;
    switch (answer.items[0].number) {
        case 1: return nothing_placed{};
        case 2: {
            if (answer.items.size() < 2) return std::nullopt;
            other_round other;
            const auto& text = answer.items[1].text;  // a field of a hash is a text
            std::from_chars(text.data(), text.data() + text.size(), other.round);
            if (other.round == 0) return std::nullopt;
            return other;
        }
        case 0: break;
        default: return std::nullopt;
    }
    if (answer.items.size() < 7) return std::nullopt;
    cast_reply cast;
    cast.at = wall(number_at(answer, 1));
    if (const auto closed = number_at(answer, 2); closed >= 0) cast.closed_at = wall(closed);
    cast.decisions = decisions_in(answer.items[3].text, cast.at);
    for (auto& d : cast.decisions)
        if (d.what == domain::verdict::closed) d.closed_at = cast.closed_at;
    cast.revision = static_cast<std::uint32_t>(number_at(answer, 4, 0));
    cast.published = counts_in(answer.items[5].text);
    if (number_at(answer, 6, 0) == 1)  // by a library of before nothing follows
        cast.flush_in = std::chrono::milliseconds(number_at(answer, 7, 0));
    return cast;
}

std::optional<slice_reply> slice_reply_in(const reply& answer) {
    if (!is_array(answer, 1)) return std::nullopt;
    slice_reply slice;
    slice.what = static_cast<slice_verdict>(answer.items[0].number);
    if (answer.items.size() > 2) slice.counts = counts_in(answer.items[2].text);
    return slice;
}

std::optional<base::wall_time> time_in(const reply& answer) {
    if (answer.what != reply::kind::array || answer.items.size() != 2) return std::nullopt;
    const auto number = [](const std::string& text) {
        std::int64_t value = -1;
        std::from_chars(text.data(), text.data() + text.size(), value);
        return value;
    };
    const auto seconds = number(answer.items[0].text);
    const auto micros = number(answer.items[1].text);
    if (seconds < 0 || micros < 0) return std::nullopt;
    return wall(seconds * 1000 + micros / 1000);
}

}  // namespace tallycast::redis
