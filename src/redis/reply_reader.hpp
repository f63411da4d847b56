#pragma once
// Bytes to replies, with hiredis' reader under bounds: what is longer, deeper or wider, or is no
// RESP2, ends the reading for good, before memory was taken for what was merely announced. One
// thread; no I/O.

#include "reply.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tallycast::redis {

inline constexpr std::size_t longest_bulk = 64 * 1024 * 1024;
inline constexpr std::size_t longest_line = 64 * 1024;   // a status, an error, a number
inline constexpr int deepest_reply = 8;                  // arrays in arrays
inline constexpr std::size_t most_elements = 1'000'000;  // of one reply, over all its arrays

class reply_reader {
public:
    reply_reader();
    ~reply_reader();
    reply_reader(const reply_reader&) = delete;
    reply_reader& operator=(const reply_reader&) = delete;

    // Takes what came; then next() until it has nothing more. Nothing after a failure.
    void feed(std::string_view bytes);
    std::optional<reply> next();

    bool failed() const noexcept;
    const std::string& why() const noexcept;  // once failed

private:
    struct codec;
    std::unique_ptr<codec> codec_;
};

}  // namespace tallycast::redis
