#pragma once
// The one table from a failure to what the outside sees of it: stable code, status, title, close
// code; and its RFC 9457 body. Nothing else in the tree names a status for a failure.

#include <tallycast/base/error.hpp>
#include <tallycast/base/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tallycast::wire {

struct problem {
    base::errc code;
    std::string_view name;  // the stable machine code
    int status;             // of HTTP
    std::string_view title;
    std::uint16_t close_code =
        0;  // of a live connection; 0: it stays open and only hears of the failure
};

const problem& problem_of(base::errc code);

// How long a caller should wait: what the failure says, or a second where the status promises an
// answer (429, 503) and the failure says nothing. Never below 1 ms. nullopt where waiting does not
// help.
std::optional<base::milliseconds> retry_after_of(const base::failure& f);

// application/problem+json. `request_id` is left out when empty; `now` is the time of the answer
// and is left out when it is the epoch.
std::string write_problem(const base::failure& f, std::string_view request_id, base::wall_time now);

}  // namespace tallycast::wire
