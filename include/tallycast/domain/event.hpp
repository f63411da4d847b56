#pragma once
// Who owns what: tenants hold keys and events, an event holds polls and is joined by its code.

#include <tallycast/base/id.hpp>
#include <tallycast/base/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tallycast::domain {

struct quotas {
    std::uint32_t events = 1000;
    std::uint32_t polls_per_event = 1000;
    std::uint64_t voters_per_event = 5'000'000;
    friend bool operator==(const quotas&, const quotas&) = default;
};

struct tenant {
    base::tenant_id id;
    std::string name;
    domain::quotas quotas;
    base::wall_time created_at{};
};

// A host key as it is kept: never the key itself, only its SHA-256 and the first characters for
// display.
struct host_key {
    base::key_id id;
    base::tenant_id tenant;
    std::string hash;    // 64 hexadecimal digits
    std::string prefix;  // "tck_" and a few characters more
    std::string label;
    base::wall_time created_at{};
};

struct event_settings {
    std::string locale = "en";
    std::string accent;  // of the pages: "#3a44c4"; empty: the pages' own
    std::string logo;    // an image as a data: address, or a path on the node; empty: none
    friend bool operator==(const event_settings&, const event_settings&) = default;
};

struct event {
    base::event_id id;
    base::tenant_id tenant;
    std::string title;
    std::string code;  // folded, see folded_code
    event_settings settings;
    std::uint32_t revision = 1;
    base::wall_time created_at{};
};

inline constexpr std::size_t min_code_length = 6;
inline constexpr std::size_t max_code_length = 8;

// The characters a code is made of: no 0/O, 1/I/L, 2/Z, 5/S, 8/B pairs, no vowels that make words,
// and no two that look_of_code() takes for one: of 6 and G the digit, of U and V the consonant.
inline constexpr std::string_view code_alphabet = "34679CDFHJKMNPQRTVWXY";

// A code as people type it, folded to how it is kept: spaces and dashes dropped, letters
// upper-cased. nullopt when what remains is not 6 to 8 letters and digits.
std::optional<std::string> folded_code(std::string_view typed);

// How a folded code looks to somebody who reads it from afar: letters and digits that are taken for
// each other are one. Two codes that look alike may both be there.
std::string look_of_code(std::string_view folded_code);

}  // namespace tallycast::domain
