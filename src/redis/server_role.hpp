#pragma once
// What a server says of itself: ROLE, and the lines of INFO replication that tell one history from
// another. Pure.

#include "reply.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tallycast::redis {

enum class server_role : std::uint8_t { primary = 1, replica, sentinel };

// Nothing when it is no answer to ROLE.
std::optional<server_role> read_role(const reply& answer);

// Writes carry the id of the history they belong to. After a promotion the history before it goes
// on under the second id, up to the second offset.
struct history {
    std::string replid;
    std::string replid2;
    std::int64_t second_offset = -1;

    friend bool operator==(const history&, const history&) = default;
};

// Nothing when a line is missing.
std::optional<history> read_history(const reply& info_replication);

}  // namespace tallycast::redis
