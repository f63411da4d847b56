#include "command.hpp"

#include <hiredis/hiredis.h>

#include <charconv>
#include <new>
#include <numeric>

namespace tallycast::redis {

command::command(std::initializer_list<std::string_view> words) {
    for (const auto word : words) add(word);
}

command& command::add(std::string_view word) {
    bytes_ += word;
    lengths_.push_back(word.size());
    return *this;
}

command& command::add_number(std::int64_t number) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    return add(std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

std::string command::encoded() const {
    std::string out;
    append_to(out);
    return out;
}

void command::append_to(std::string& out) const {
    std::vector<const char*> words;
    words.reserve(lengths_.size());
    const char* at = bytes_.data();
    for (const auto length : lengths_) {
        words.push_back(at);
        at += length;
    }
    char* made = nullptr;
    const auto size = redisFormatCommandArgv(&made, static_cast<int>(words.size()), words.data(),
                                             lengths_.data());
    if (size < 0) throw std::bad_alloc();
    try {
        out.append(made, static_cast<std::size_t>(size));
    } catch (...) {
        redisFreeCommand(made);
        throw;
    }
    redisFreeCommand(made);
}

std::string_view command::name() const noexcept {
    if (lengths_.empty()) return {};
    return std::string_view(bytes_).substr(0, lengths_.front());
}

std::string encoded(const pipeline& commands) {
    std::string out;
    out.reserve(weight(commands));
    for (const auto& one : commands) one.append_to(out);
    return out;
}

std::size_t weight(const pipeline& commands) noexcept {
    return std::accumulate(commands.begin(), commands.end(), std::size_t{0},
                           [](std::size_t sum, const command& c) { return sum + c.weight(); });
}

}  // namespace tallycast::redis
