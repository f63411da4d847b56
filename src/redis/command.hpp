#pragma once
// A command for Redis: its words, any bytes.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace tallycast::redis {

class command {
public:
    explicit command(std::initializer_list<std::string_view> words);

    command& add(std::string_view word);
    command& add(const char* word) { return add(std::string_view(word)); }
    command& add(const std::string& word) { return add(std::string_view(word)); }
    template <std::signed_integral Number>
    command& add(Number number) {
        return add_number(number);
    }
    template <std::unsigned_integral Number>
    command& add(Number number) {
        return add_number(static_cast<std::int64_t>(number));  // nothing here is past 2^63
    }

    // As RESP; append_to at the end of `out`.
    std::string encoded() const;
    void append_to(std::string& out) const;

    // The first word, for the log.
    std::string_view name() const noexcept;
    // About as many bytes as it takes on its way.
    std::size_t weight() const noexcept { return bytes_.size() + 16 * lengths_.size(); }

private:
    command& add_number(std::int64_t number);

    std::string bytes_;  // the words, one after the other
    std::vector<std::size_t> lengths_;
};

// Sent one after the other over one connection.
using pipeline = std::vector<command>;

std::string encoded(const pipeline& commands);
std::size_t weight(const pipeline& commands) noexcept;

}  // namespace tallycast::redis
