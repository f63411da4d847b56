#pragma once
// Tenants, keys, events, polls and flags as the texts that the catalog keeps: one JSON object each,
// which redis-cli shows readably. Pure.

#include <tallycast/domain/event.hpp>
#include <tallycast/domain/flag.hpp>
#include <tallycast/domain/poll.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tallycast::redis {

// A poll with the revision at which its ballots last took another meaning.
struct poll_row {
    domain::poll poll;
    std::uint32_t ballot_revision = 1;
};

// A poll that was removed, until everything of it is gone.
struct dropped_poll {
    poll_row row;
    base::wall_time since{};  // long ago where an older version wrote it
};

std::string row_of(const domain::tenant& tenant);
std::string row_of(const domain::host_key& key);
std::string row_of(const domain::event& event);
std::string row_of(const poll_row& poll);
std::string row_of(const dropped_poll& poll);
std::string row_of(const domain::poll_definition& definition);
std::string row_of(const domain::flag& flag);

// Nothing when the text is not such a row.
std::optional<domain::tenant> tenant_in(std::string_view row);
std::optional<domain::host_key> key_in(std::string_view row);
std::optional<domain::event> event_in(std::string_view row);
std::optional<poll_row> poll_in(std::string_view row);
std::optional<dropped_poll> dropped_in(std::string_view row);
std::optional<domain::poll_definition> definition_in(std::string_view row);
// Nothing also of a flag that only a newer version knows.
std::optional<domain::flag> flag_in(std::string_view row);

}  // namespace tallycast::redis
