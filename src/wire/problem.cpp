#include <tallycast/wire/problem.hpp>

#include "failure_members.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace tallycast::wire {

namespace {

using base::errc;

constexpr std::uint16_t token_closes = 4401;
constexpr base::milliseconds usual_wait{1000};

// In the order of errc, whose first is 1.
constexpr std::array table{
    problem{errc::malformed_json, "malformed_json", 400, "The body is not the JSON expected"},
    problem{errc::unknown_field, "unknown_field", 400, "The request has a field nobody knows"},
    problem{errc::invalid_request, "invalid_request", 400,
            "The request is not of the form expected"},
    problem{errc::unauthorised, "unauthorised", 401, "A credential is needed"},
    problem{errc::voter_token_required, "voter_token_required", 401, "A voter token is needed",
            token_closes},
    problem{errc::voter_token_invalid, "voter_token_invalid", 401, "The voter token is not valid",
            token_closes},
    problem{errc::voter_token_expired, "voter_token_expired", 401, "The voter token has expired",
            token_closes},
    problem{errc::forbidden, "forbidden", 403, "This credential may not do this"},
    problem{errc::wrong_event, "wrong_event", 403, "The token is for another event"},
    problem{errc::results_hidden, "results_hidden", 403, "The results are not shown now"},
    problem{errc::not_found, "not_found", 404, "There is nothing here"},
    problem{errc::tenant_not_found, "tenant_not_found", 404, "No such tenant"},
    problem{errc::key_not_found, "key_not_found", 404, "No such key"},
    problem{errc::event_not_found, "event_not_found", 404, "No such event"},
    problem{errc::poll_not_found, "poll_not_found", 404, "No such poll"},
    problem{errc::round_not_found, "round_not_found", 404, "No such round"},
    problem{errc::not_voted, "not_voted", 404, "There is no ballot of yours"},
    problem{errc::method_not_allowed, "method_not_allowed", 405,
            "This method is not for this address"},
    problem{errc::upgrade_required, "upgrade_required", 426, "A WebSocket handshake is needed"},
    problem{errc::already_voted, "already_voted", 409, "Another ballot of yours is counted"},
    problem{errc::poll_not_open, "poll_not_open", 409, "The poll is not open"},
    problem{errc::poll_paused, "poll_paused", 409, "The poll is paused"},
    problem{errc::poll_closed, "poll_closed", 409, "The poll is closed"},
    problem{errc::poll_changed, "poll_changed", 409, "The poll has changed since it was seen"},
    problem{errc::poll_has_votes, "poll_has_votes", 409, "The poll has votes already"},
    problem{errc::invalid_transition, "invalid_transition", 409, "The poll cannot do this now"},
    problem{errc::change_not_allowed, "change_not_allowed", 409, "Ballots of this poll stand"},
    problem{errc::code_taken, "code_taken", 409, "Another event has this code"},
    problem{errc::quota_exceeded, "quota_exceeded", 409, "The tenant has no more of this"},
    problem{errc::body_too_large, "body_too_large", 413, "The body is too large"},
    problem{errc::unsupported_media_type, "unsupported_media_type", 415,
            "The body is of another media type"},
    problem{errc::invalid_ballot, "invalid_ballot", 422, "The ballot does not fit the poll"},
    problem{errc::idempotency_key_reused, "idempotency_key_reused", 422,
            "The key was used for another body"},
    problem{errc::headers_too_large, "headers_too_large", 431, "The header is too large"},
    problem{errc::rate_limited, "rate_limited", 429, "Too many requests"},
    problem{errc::internal, "internal", 500, "Something went wrong here"},
    problem{errc::overloaded, "overloaded", 503, "The node is busy"},
    problem{errc::store_unavailable, "store_unavailable", 503, "The store does not answer"},
    problem{errc::shutting_down, "shutting_down", 503, "The node is going down"},
};

constexpr bool is_in_order() {
    for (std::size_t i = 0; i < table.size(); ++i)
        if (static_cast<std::size_t>(table[i].code) != i + 1) return false;
    return static_cast<std::size_t>(errc::shutting_down) == table.size();
}
static_assert(is_in_order());

}  // namespace

const problem& problem_of(base::errc code) {
    const auto at = static_cast<std::size_t>(code) - 1;
    return table[at < table.size() ? at : static_cast<std::size_t>(errc::internal) - 1];
}

std::optional<base::milliseconds> retry_after_of(const base::failure& f) {
    const int status = problem_of(f.code).status;
    if (!f.retry_after && status != 429 && status != 503) return std::nullopt;
    return std::max(f.retry_after.value_or(usual_wait), base::milliseconds{1});
}

void append_members(object_writer& to, const base::failure& f) {
    to.text("detail", f.detail.empty() ? problem_of(f.code).title : std::string_view(f.detail));
    if (const auto wait = retry_after_of(f)) to.number("retry_after_ms", wait->count());
    if (f.closed_at) to.time("closed_at", *f.closed_at);
    if (f.late) to.number("late_ms", f.late->count());
    if (!f.limit.empty()) to.text("limit", f.limit);
}

std::string write_problem(const base::failure& f, std::string_view request_id,
                          base::wall_time now) {
    const auto& known = problem_of(f.code);
    std::string out;
    out.reserve(320);
    object_writer to{out};
    append_quoted(to.value_of("type"), "urn:tallycast:problem:" + std::string(known.name));
    to.text("title", known.title).number("status", known.status).text("code", known.name);
    if (!request_id.empty()) to.text("request_id", request_id);
    append_members(to, f);
    if (now != base::wall_time{}) to.time("at", now);
    to.close();
    return out;
}

}  // namespace tallycast::wire
