#pragma once
// What hosts, operators and voters are told of tenants, keys, events and polls. One line of JSON
// each, members in the contract's order; null where something is unset.

#include <tallycast/base/id.hpp>
#include <tallycast/base/time.hpp>
#include <tallycast/domain/event.hpp>
#include <tallycast/domain/ledger.hpp>
#include <tallycast/domain/poll.hpp>
#include <tallycast/wire/qr_code.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tallycast::wire {

// {"id","title","code","settings":{"locale","accent","logo"},"created_at"}. Says nothing of the
// tenant.
std::string write_event(const domain::event& event);

std::string write_poll(const domain::poll& poll);

std::string write_tenant(const domain::tenant& tenant);

// {"id","prefix","label","created_at"}, and "key" when the secret is given, which happens once.
// Never the hash.
std::string write_key(const domain::host_key& key, const std::optional<std::string>& secret);

// {"tenant":{"id","name"},"key":{"id","prefix","label"}}: who is signed in.
std::string write_session(const domain::tenant& tenant, const domain::host_key& key);

// {"event","code","url","qr":{"size","path"} or null}; see qr_code for the path.
std::string write_invitation(const domain::event& event, std::string_view url,
                             const std::optional<qr_code>& qr);

// {"event","connections","server_time"}
std::string write_connections(const base::event_id& event, std::size_t connections,
                              base::wall_time server_time);

// {"items":[…],"next_cursor":…}; the items are JSON already.
std::string write_list(std::span<const std::string> items,
                       const std::optional<std::string>& next_cursor);

// {"poll","round","received","counted","changed","replayed","withdrawn","rejected":{…},
// "voters","balanced"}
std::string write_ledger(const domain::ledger& ledger, const base::poll_id& poll,
                         std::uint32_t round);

// {"token","expires_at"}
std::string write_watcher(std::string_view token, base::wall_time expires_at);

// {"event":{…},"polls":[…],"voter":{"token","number","expires_at"}}; `polls` are of write_poll.
std::string write_join(const domain::event& event, std::span<const std::string> polls,
                       std::string_view token, base::voter_number number,
                       base::wall_time expires_at);

// The members of write_event, and "polls" and "results" beside them; both are JSON already. And
// "notice", where there is one.
std::string write_event_view(const domain::event& event, std::span<const std::string> polls,
                             std::span<const std::string> results, std::string_view notice = {});

}  // namespace tallycast::wire
