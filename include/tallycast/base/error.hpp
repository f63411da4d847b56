#pragma once
// Every expected failure of the product, by its stable name on the wire, and the value that carries
// it. The table from errc to status and code lives in wire/problem.hpp and nowhere else.

#include <tallycast/base/time.hpp>

#include <boost/system/result.hpp>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

namespace tallycast::base {

// Starts at 1, so that no failure can be mistaken for success.
enum class errc : std::uint8_t {
    malformed_json = 1,
    unknown_field,
    invalid_request,
    unauthorised,  // a host or operator route without a credential that fits it
    voter_token_required,
    voter_token_invalid,
    voter_token_expired,
    forbidden,
    wrong_event,
    results_hidden,
    not_found,  // no such route
    tenant_not_found,
    key_not_found,
    event_not_found,
    poll_not_found,
    round_not_found,
    not_voted,
    method_not_allowed,
    upgrade_required,
    already_voted,
    poll_not_open,
    poll_paused,
    poll_closed,
    poll_changed,
    poll_has_votes,
    invalid_transition,
    change_not_allowed,
    code_taken,
    quota_exceeded,
    body_too_large,
    unsupported_media_type,
    invalid_ballot,
    idempotency_key_reused,
    headers_too_large,
    rate_limited,
    internal,
    overloaded,
    store_unavailable,
    shutting_down,
};

struct failure {
    errc code = errc::internal;
    std::string detail;  // one sentence for a person; never internals, tokens or addresses
    std::optional<milliseconds> retry_after;
    std::optional<wall_time> closed_at;  // poll_closed
    std::optional<milliseconds> late;    // poll_closed: how long after closed_at it came
    std::string limit;                   // rate_limited: the limit's name

    failure() = default;
    failure(errc c, std::string d = {}) : code(c), detail(std::move(d)) {}
};

[[noreturn]] inline void throw_exception_from_error(const failure& f,
                                                    const boost::source_location&) {
    throw std::logic_error("unchecked failure: " + f.detail);
}

template <class T>
using result = boost::system::result<T, failure>;

}  // namespace tallycast::base
