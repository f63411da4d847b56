#pragma once
// Identifiers as types: a poll's id cannot be passed where an event's is wanted.
// On the wire an id is an opaque string of at most 32 URL-safe characters; ids made here have 15,
// which is what a std::string holds without an allocation.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace tallycast::base {

inline constexpr std::size_t id_max_length = 32;

template <class Tag>
class basic_id {
public:
    basic_id() = default;
    explicit basic_id(std::string value) : value_(std::move(value)) {}
    explicit basic_id(std::string_view value) : value_(value) {}
    explicit basic_id(const char* value) : value_(value) {}

    const std::string& str() const noexcept { return value_; }
    bool empty() const noexcept { return value_.empty(); }

    friend auto operator<=>(const basic_id&, const basic_id&) = default;

private:
    std::string value_;
};

using tenant_id = basic_id<struct tenant_tag>;
using key_id = basic_id<struct key_tag>;
using event_id = basic_id<struct event_tag>;
using poll_id = basic_id<struct poll_tag>;

// A voter within one event: 1, 2, 3, ... in order of joining. 0 is nobody.
struct voter_number {
    std::uint64_t value = 0;
    friend auto operator<=>(const voter_number&, const voter_number&) = default;
};

}  // namespace tallycast::base

template <class Tag>
struct std::hash<tallycast::base::basic_id<Tag>> {
    std::size_t operator()(const tallycast::base::basic_id<Tag>& id) const noexcept {
        return std::hash<std::string>{}(id.str());
    }
};
