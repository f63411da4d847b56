#include "roll_desk.hpp"

#include "slice_desk.hpp"
#include "slot.hpp"

#include <algorithm>
#include <charconv>

namespace tallycast::redis {

namespace {

constexpr std::chrono::milliseconds patience{1000};
constexpr int kept_for = 3600;  // seconds, after the last node has said its last word

std::optional<std::uint64_t> number_in(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

std::vector<ports::node_word> words_in(const reply& roll) {
    std::vector<ports::node_word> words;
    for (std::size_t i = 0; i + 1 < roll.items.size(); i += 2) {
        const std::string_view said = roll.items[i + 1].text;
        const auto blank = std::min(said.find(' '), said.size());
        const auto beat = number_in(said.substr(0, blank));
        const auto people = number_in(said.substr(std::min(blank + 1, said.size())));
        if (beat && people) words.push_back({roll.items[i].text, *beat, *people});
    }
    return words;
}

ports::answer<std::vector<ports::node_word>> roll_desk::call_roll(
    std::optional<ports::node_word> own, std::vector<std::string> strike) {
    pipeline what;
    if (own) {
        const auto word = std::to_string(own->beat) + ' ' + std::to_string(own->people);
        what.push_back(command{"HSET", roll_key, own->node, word});
        what.push_back(command{"EXPIRE", roll_key}.add(kept_for));
    }
    if (!strike.empty()) {
        command gone{"HDEL", roll_key};
        for (const auto& node : strike) gone.add(node);
        what.push_back(std::move(gone));
    }
    what.push_back(command{"HGETALL", roll_key});
    auto work = redis_.call(slot_of(roll_key), std::move(what), patience);
    const auto answers = co_await std::move(work);
    if (!answers) co_return failure_of(answers.error());
    for (const auto& one : *answers)
        if (one.is_error()) co_return store_unavailable();
    co_return words_in(answers->back());
}

}  // namespace tallycast::redis
