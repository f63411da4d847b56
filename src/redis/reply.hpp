#pragma once
// One reply of Redis (RESP2), owned.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tallycast::redis {

struct reply {
    enum class kind : std::uint8_t { nil = 1, integer, text, status, error, array };

    kind what = kind::nil;
    std::int64_t number = 0;   // integer
    std::string text;          // text, status, error: any bytes
    std::vector<reply> items;  // array

    bool is_error() const noexcept { return what == kind::error; }
    bool is_text() const noexcept { return what == kind::text || what == kind::status; }

    friend bool operator==(const reply&, const reply&) = default;
};

using replies = std::vector<reply>;

}  // namespace tallycast::redis
