#pragma once
// Definitions for the tests of the domain: as a host would send them, or already checked.

#include <tallycast/domain/poll.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <utility>

namespace tallycast::domain {

inline poll_definition a_definition(poll_type type = poll_type::single, std::size_t options = 3) {
    poll_definition d;
    d.type = type;
    d.question = "Best act?";
    if (type == poll_type::rating) options = 0;
    for (std::size_t i = 0; i < options; ++i) d.options.push_back({"", "Act " + std::to_string(i)});
    return d;
}

inline poll_definition accepted(poll_definition d) {
    auto right = checked(std::move(d));
    EXPECT_TRUE(right) << right.error().detail;
    return right ? *right : poll_definition{};
}

inline poll_definition changeable(poll_definition d) {
    d.rules.allow_change = true;
    return d;
}

// Checked, and with these bounds: 0 leaves one out.
inline poll_definition choosing(poll_type type, std::size_t options, std::uint8_t least,
                                std::uint8_t most) {
    auto d = a_definition(type, options);
    d.rules.min_choices = least;
    d.rules.max_choices = most;
    return accepted(d);
}

inline poll_definition rated_to(std::uint8_t scale) {
    auto d = a_definition(poll_type::rating);
    d.rules.scale = scale;
    return accepted(d);
}

}  // namespace tallycast::domain
