#pragma once
// One JSON object whose members are plain values or lists of strings: all that voters ever send.
// Read by Boost.JSON's event parser straight into a few slots; strings without escapes stay views
// of the text. What is nested deeper is checked for its form and kept as `other`.

#include <tallycast/base/error.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory_resource>
#include <span>
#include <string_view>
#include <vector>

namespace tallycast::wire {

enum class flat_kind : std::uint8_t { other = 1, text, integer, real, strings };

struct flat_member {
    std::string_view name;
    flat_kind kind = flat_kind::other;
    std::string_view text;
    std::int64_t integer = 0;  // cut to its range
    double real = 0;           // of integers too
    std::size_t first = 0;     // strings: which of the object's
    std::size_t count = 0;
};

inline constexpr std::size_t flat_depth = 8;

class flat_object {
public:
    // The strings of lists go to `strings`, whose memory also holds what had to be unescaped. At
    // most `max_strings` are kept; the members' counts tell how many there were.
    flat_object(std::pmr::vector<std::string_view>& strings, std::size_t max_strings)
        : strings_(strings), max_strings_(max_strings) {}

    // malformed_json: no JSON, doubled members, too deep, or more behind it. invalid_request: no
    // object.
    base::result<void> read(std::string_view json);

    // unknown_field, naming the first member that is none of these.
    base::result<void> must_have_only(std::initializer_list<std::string_view> known) const;

    const flat_member* find(std::string_view name) const;
    std::span<const std::string_view> strings_of(const flat_member& list) const;

private:
    friend class flat_events;
    static constexpr std::size_t slots = 8;

    std::pmr::vector<std::string_view>& strings_;
    std::size_t max_strings_;
    std::array<flat_member, slots> members_;
    std::size_t kept_ = 0;
    std::size_t seen_ = 0;
};

}  // namespace tallycast::wire
