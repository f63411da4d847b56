#pragma once
// What Sentinels say about who the primary is. Pure.

#include "reply.hpp"

#include <tallycast/redis/deployment.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tallycast::redis {

// Of SENTINEL GET-MASTER-ADDR-BY-NAME; nothing when the Sentinel knows no primary of that name.
std::optional<endpoint> read_primary_address(const reply& answer);

// What one Sentinel says of the primary: where it is, by which of its configurations, and whether
// another is being put in its place.
struct sentinel_word {
    std::optional<endpoint> primary;
    std::uint64_t epoch = 0;
    bool replacing = false;
};

// Of SENTINEL GET-MASTER-ADDR-BY-NAME and SENTINEL MASTER; who may not ask the second is told less.
sentinel_word read_word(const reply& address, const reply& state);

// Of SENTINEL REPLICAS: those that can be reached.
std::vector<endpoint> read_replicas(const reply& answer);

// The one that a majority of all Sentinels names; one that did not answer names nobody.
std::optional<endpoint> agreed_on(const std::vector<std::optional<endpoint>>& named);

// Whether one of them puts another in the place of `primary`, or has done so in a configuration
// that is newer than any which names it. An older one is of a Sentinel that was away.
bool is_doubted(const endpoint& primary, const std::vector<sentinel_word>& words);

// Whether a message of the channels +switch-master ("<name> ...") or +try-failover ("master <name>
// ...") is about the primary of this name.
bool is_about(std::string_view message, std::string_view primary_name);

}  // namespace tallycast::redis
