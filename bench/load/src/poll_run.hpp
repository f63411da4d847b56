#pragma once
// What every run with an event of its own consists of: voters join, they vote, and in the end the
// books are compared.

#include <tallycast/load/host_client.hpp>
#include <tallycast/load/phase.hpp>
#include <tallycast/load/place.hpp>
#include <tallycast/load/plan.hpp>
#include <tallycast/load/verify.hpp>
#include <tallycast/load/watcher.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace tallycast::load {

phase_result join_all(const options& from, const endpoints& nodes, const stage& where,
                      std::vector<plan>& crowd);
// No course: as fast as the answers come.
phase_result vote_all(const options& from, const endpoints& nodes, const stage& where,
                      const staged_poll& poll, std::vector<plan>& crowd,
                      const std::optional<schedule>& course);
std::uint64_t without_token(const std::vector<plan>& crowd);
std::vector<const ballot_book*> books_of(const std::vector<plan>& crowd);

// A WebSocket that watches all polls of the event, results so often a second at most.
watch_wishes wishes_for(const stage& where, double max_hz);

// Closes the poll and compares what it came to with these books.
verdict settle_accounts(host_client& host, const staged_poll& poll,
                        const std::vector<const ballot_book*>& books);

// Writes the report and compares it with an earlier one, as far as that was asked for. False when
// one of them could not be done.
bool publish(const common_options& from, const nlohmann::json& report);

}  // namespace tallycast::load
