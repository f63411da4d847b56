#pragma once
// What Sentinels say about who the primary is. Pure.

#include "reply.hpp"

#include <tallycast/redis/deployment.hpp>

#include <optional>
#include <string_view>
#include <vector>

namespace tallycast::redis {

// Of SENTINEL GET-MASTER-ADDR-BY-NAME; nothing when the Sentinel knows no primary of that name.
std::optional<endpoint> read_primary_address(const reply& answer);

// Of SENTINEL REPLICAS: those that can be reached.
std::vector<endpoint> read_replicas(const reply& answer);

// The one that a majority of all Sentinels names; one that did not answer names nobody.
std::optional<endpoint> agreed_on(const std::vector<std::optional<endpoint>>& named);

// Whether a message of the channel +switch-master is about the primary of this name.
bool is_about(std::string_view switch_message, std::string_view primary_name);

}  // namespace tallycast::redis
