#include <tallycast/wire/problem.hpp>

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <set>
#include <string>

using namespace tallycast;
using base::errc;
using nlohmann::json;

namespace {

const base::wall_time now =
    std::chrono::sys_days(std::chrono::year(2026) / 1 / 1) + std::chrono::hours(20);

json body_of(const base::failure& f) { return json::parse(wire::write_problem(f, "r-1", now)); }

struct known_code {
    errc code;
    const char* name;
    int status;
};

const known_code contract[] = {
    {errc::malformed_json, "malformed_json", 400},
    {errc::unknown_field, "unknown_field", 400},
    {errc::invalid_request, "invalid_request", 400},
    {errc::unauthorised, "unauthorised", 401},
    {errc::voter_token_required, "voter_token_required", 401},
    {errc::voter_token_invalid, "voter_token_invalid", 401},
    {errc::voter_token_expired, "voter_token_expired", 401},
    {errc::forbidden, "forbidden", 403},
    {errc::wrong_event, "wrong_event", 403},
    {errc::results_hidden, "results_hidden", 403},
    {errc::not_found, "not_found", 404},
    {errc::tenant_not_found, "tenant_not_found", 404},
    {errc::key_not_found, "key_not_found", 404},
    {errc::event_not_found, "event_not_found", 404},
    {errc::poll_not_found, "poll_not_found", 404},
    {errc::round_not_found, "round_not_found", 404},
    {errc::not_voted, "not_voted", 404},
    {errc::method_not_allowed, "method_not_allowed", 405},
    {errc::upgrade_required, "upgrade_required", 426},
    {errc::already_voted, "already_voted", 409},
    {errc::poll_not_open, "poll_not_open", 409},
    {errc::poll_paused, "poll_paused", 409},
    {errc::poll_closed, "poll_closed", 409},
    {errc::poll_changed, "poll_changed", 409},
    {errc::poll_has_votes, "poll_has_votes", 409},
    {errc::invalid_transition, "invalid_transition", 409},
    {errc::change_not_allowed, "change_not_allowed", 409},
    {errc::code_taken, "code_taken", 409},
    {errc::quota_exceeded, "quota_exceeded", 409},
    {errc::body_too_large, "body_too_large", 413},
    {errc::unsupported_media_type, "unsupported_media_type", 415},
    {errc::invalid_ballot, "invalid_ballot", 422},
    {errc::idempotency_key_reused, "idempotency_key_reused", 422},
    {errc::headers_too_large, "headers_too_large", 431},
    {errc::rate_limited, "rate_limited", 429},
    {errc::internal, "internal", 500},
    {errc::overloaded, "overloaded", 503},
    {errc::store_unavailable, "store_unavailable", 503},
    {errc::shutting_down, "shutting_down", 503},
};

TEST(Problem, Every_code_has_the_name_and_status_of_the_contract) {
    for (const auto& known : contract) {
        SCOPED_TRACE(known.name);
        EXPECT_EQ(wire::problem_of(known.code).name, known.name);
        EXPECT_EQ(wire::problem_of(known.code).status, known.status);
        const auto body = body_of({known.code, "Because."});
        EXPECT_EQ(body["code"], known.name);
        EXPECT_EQ(body["status"], known.status);
        EXPECT_EQ(body["type"], std::string("urn:tallycast:problem:") + known.name);
        EXPECT_FALSE(body["title"].get<std::string>().empty());
        EXPECT_EQ(body["detail"], "Because.");
        EXPECT_EQ(body["request_id"], "r-1");
    }
    EXPECT_EQ(std::size(contract), static_cast<std::size_t>(errc::shutting_down));
}

TEST(Problem, Only_the_voters_tokens_close_a_live_connection) {
    for (const auto& known : contract) {
        const bool closes = std::string_view(known.name).starts_with("voter_token_");
        EXPECT_EQ(wire::problem_of(known.code).close_code, closes ? 4401 : 0) << known.name;
    }
}

TEST(Problem, Waiting_is_promised_with_every_429_and_503_and_nowhere_else) {
    for (const auto& known : contract) {
        const bool waits = known.status == 429 || known.status == 503;
        EXPECT_EQ(body_of({known.code}).contains("retry_after_ms"), waits) << known.name;
    }
    EXPECT_EQ(body_of({errc::overloaded})["retry_after_ms"], 1000);
    base::failure f{errc::rate_limited};
    f.retry_after = base::milliseconds{250};
    f.limit = "votes";
    EXPECT_EQ(body_of(f)["retry_after_ms"], 250);
    EXPECT_EQ(body_of(f)["limit"], "votes");
}

TEST(Problem, Retry_is_never_negative) {
    base::failure f{errc::store_unavailable};
    f.retry_after = base::milliseconds{-5};
    EXPECT_GE(body_of(f)["retry_after_ms"].get<int>(), 1);
}

TEST(Problem, Closed_poll_says_when_it_closed_and_how_late_the_ballot_was) {
    base::failure f{errc::poll_closed};
    f.closed_at = now;
    f.late = base::milliseconds{1500};
    EXPECT_EQ(body_of(f)["closed_at"], "2026-01-01T20:00:00.000Z");
    EXPECT_EQ(body_of(f)["late_ms"], 1500);
}

TEST(Problem, There_is_always_a_detail) {
    EXPECT_FALSE(body_of({errc::internal})["detail"].get<std::string>().empty());
}

TEST(Problem, What_a_caller_sent_is_escaped) {
    const std::string nasty = "quote \" backslash \\ newline \n tab \t bell \a end";
    EXPECT_EQ(body_of({errc::unknown_field, nasty})["detail"], nasty);
}

TEST(Problem, Without_a_request_there_is_no_request_id) {
    EXPECT_FALSE(
        json::parse(wire::write_problem({errc::overloaded}, {}, {})).contains("request_id"));
}

TEST(Problem, A_code_from_nowhere_is_an_internal_failure) {
    EXPECT_EQ(wire::problem_of(static_cast<errc>(0)).name, "internal");
    EXPECT_EQ(wire::problem_of(static_cast<errc>(200)).name, "internal");
}

}  // namespace
