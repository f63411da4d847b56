#pragma once
// Versions of Redis and Valkey with holes that matter to whoever runs scripts there. Pure.

#include <optional>
#include <string>
#include <string_view>

namespace tallycast::redis {

struct hole {
    std::string name;      // "CVE-2025-49844"
    std::string repaired;  // the version; empty where its makers have none of this line
};

// By INFO. Distributions repair holes without another version number, which nothing shows.
std::optional<hole> known_hole(std::string_view info);

}  // namespace tallycast::redis
