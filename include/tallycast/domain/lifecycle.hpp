#pragma once
// A poll's life: draft → open ⇄ paused → closed → archived, and closed → open again.

#include <tallycast/domain/poll.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace tallycast::domain {

enum class transition : std::uint8_t { open = 1, pause, close, reset, archive };

struct transition_options {
    std::optional<base::milliseconds> duration;  // open only: closes_at = now + duration
    bool round_has_votes = false;  // reset only: an empty round is not replaced by another
};

// The poll after the step, with the next revision; the same poll, unchanged, when the step is
// repeated. Opening clears a closes_at that has passed and an opens_at to come. Closing sets
// closed_at to now. Reset keeps the status. Fails with invalid_transition, or invalid_request for a
// duration that is not 1 ms to 31 days.
base::result<poll> step(const poll& before, transition what, const transition_options& options,
                        base::wall_time now);

// The moment from which ballots are late, if one is set: closes_at + grace.
std::optional<base::wall_time> deadline(const poll& p);

// What the poll is at `now` although nobody has written it down yet: an open or paused poll past
// its deadline is closed (closed_at = the deadline), a draft whose opens_at has come is open.
// Returns the poll as it should be written, or nullopt when nothing is due.
std::optional<poll> due(const poll& p, base::wall_time now);

// When due() will next have something to say.
std::optional<base::wall_time> next_due(const poll& p);

std::optional<transition> transition_of(std::string_view name);

}  // namespace tallycast::domain
