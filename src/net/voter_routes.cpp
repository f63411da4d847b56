#include <tallycast/app/cast_vote.hpp>
#include <tallycast/app/join_event.hpp>
#include <tallycast/app/see_event.hpp>
#include <tallycast/domain/fingerprint.hpp>
#include <tallycast/net/cors.hpp>
#include <tallycast/wire/host_body.hpp>
#include <tallycast/wire/host_json.hpp>
#include <tallycast/wire/live_message.hpp>
#include <tallycast/wire/percent.hpp>
#include <tallycast/wire/results_json.hpp>
#include <tallycast/wire/vote_body.hpp>
#include <tallycast/wire/ws_frame.hpp>

#include "routes.hpp"

#include <boost/beast/http/rfc7230.hpp>

#include <algorithm>

namespace tallycast::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

std::string_view idempotency_key(const exchange& x) {
    for (std::size_t i = 0; i < x.req.field_count; ++i)
        if (boost::beast::iequals(x.req.fields[i].name, "Idempotency-Key"))
            return x.req.fields[i].value;
    return {};
}

bool has_idempotency_key(const exchange& x) { return idempotency_key(x).data() != nullptr; }

void take_cookie_of_the_poll(exchange& x) {
    if (const auto poll = x.core.catalog.poll(base::poll_id{x.path[0]}))
        take_cookie_of(x, poll->event);
}

// Who votes: a credential that is nobody's is, on a voter's route, a token that is not valid.
base::result<app::caller> voting_caller(exchange& x) {
    take_cookie_of_the_poll(x);
    auto who = caller_of(x);
    if (!who && who.error().code == base::errc::unauthorised)
        return base::failure{base::errc::voter_token_invalid, "The token is not one of ours."};
    return who;
}

response vote_answer(exchange& x, const base::result<app::vote_receipt>& receipt) {
    if (!receipt) {
        auto refused = problem(x, receipt.error());
        append_rate_limit(x, refused.extra);
        return refused;
    }
    auto answer = ok(wire::write_vote_receipt(receipt->status, receipt->poll, receipt->round,
                                              receipt->receipt, receipt->at));
    append_rate_limit(x, answer.extra);
    return answer;
}

base::result<domain::ballot_form> read_form(const exchange& x, wire::vote_body_reader& reader) {
    if (has_idempotency_key(x) && !app::is_idempotency_key(idempotency_key(x)))
        return base::failure{base::errc::invalid_request,
                             "Idempotency-Key: 1 to 64 visible ASCII characters."};
    return reader.read(x.req.body);
}

std::string view_validator(const app::event_view& view, const std::string& notice) {
    std::string text = view.event->id.str() + std::to_string(view.event->revision);
    for (const auto& poll : view.polls)
        text += '.' + poll->id.str() + std::to_string(poll->revision);
    for (const auto& results : view.results)
        text += '.' + results->poll.str() + '-' + std::to_string(results->round) + '-' +
                std::to_string(results->version);
    if (!notice.empty()) text += '.' + notice;
    return std::to_string(domain::mix(text));
}

std::string_view cache_control_of(const exchange& x, bool personal) {
    return personal || !x.credential.empty() ? "private, no-cache"
                                             : "public, max-age=1, stale-while-revalidate=5";
}

// The value of ?token= as it stands in the address: a token has nothing in it that is escaped.
std::string_view token_in_address(std::string_view query) {
    constexpr std::string_view name = "token=";
    while (!query.empty()) {
        const auto pair = query.substr(0, query.find('&'));
        if (pair.starts_with(name)) return pair.substr(name.size());
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
    }
    return {};
}

// Who watches live. An address is kept in histories and logs, so only a watcher's token may stand
// in it; there it goes before a cookie.
base::result<app::caller> live_caller(exchange& x, const domain::event& event) {
    if (const auto query = wire::read_query(x.req.query); !query) return query.error();
    const auto token = token_in_address(x.req.query);
    if (token.data() == nullptr) {
        take_cookie_of(x, event.id);
        return reader_of(x);
    }
    if (!token.starts_with("tcw_"))
        return base::failure{base::errc::voter_token_invalid,
                             "Only a watcher token may stand in an address."};
    x.credential = token;
    auto who = caller_of(x);
    if (who && !app::sees_as_host(*who, event))
        return base::failure{base::errc::wrong_event, "The token is for another event."};
    return who;
}

}  // namespace

asio::awaitable<response> post_join(exchange& x) {
    if (!has_json_body(x)) co_return wrong_media_type(x);
    const auto body = wire::read_join(x.req.body);
    if (!body) co_return problem(x, body.error());
    take_cookie_of_the_code(x, body->code);
    const auto voter =
        co_await app::join_event(x.core, x.credential, x.from, body->code, x.limited);
    if (!voter) {
        auto refused = problem(x, voter.error());
        append_rate_limit(x, refused.extra);
        co_return refused;
    }
    std::vector<std::string> polls;
    for (const auto& poll : voter->polls) polls.push_back(wire::write_poll(*poll));
    auto answer =
        ok(wire::write_join(*voter->event, polls, voter->token, voter->number, voter->expires));
    answer.extra = voter_cookies(x, *voter);
    append_rate_limit(x, answer.extra);
    co_return answer;
}

asio::awaitable<response> post_vote(exchange& x) {
    if (!has_json_body(x)) co_return wrong_media_type(x);
    wire::vote_body_reader reader;
    const auto receipt =
        co_await app::cast_vote(x.core, voting_caller(x), x.from, base::poll_id{x.path[0]},
                                read_form(x, reader), idempotency_key(x), x.limited);
    co_return vote_answer(x, receipt);
}

asio::awaitable<response> delete_my_vote(exchange& x) {
    const auto key = idempotency_key(x);
    if (has_idempotency_key(x) && !app::is_idempotency_key(key))
        co_return problem(
            x, {base::errc::invalid_request, "Idempotency-Key: 1 to 64 visible ASCII characters."});
    const auto receipt = co_await app::withdraw_vote(x.core, voting_caller(x), x.from,
                                                     base::poll_id{x.path[0]}, key, x.limited);
    co_return vote_answer(x, receipt);
}

asio::awaitable<response> get_my_vote(exchange& x) {
    const auto who = voting_caller(x);
    if (!who) co_return problem(x, who.error());
    const auto own = co_await app::my_ballot(x.core, *who, base::poll_id{x.path[0]});
    if (!own) co_return problem(x, own.error());
    co_return ok(wire::write_my_ballot(*own->poll, own->vote, own->receipt));
}

asio::awaitable<response> get_event(exchange& x) {
    take_cookie_of(x, base::event_id{x.path[0]});
    const auto who = reader_of(x);
    if (!who) co_return problem(x, who.error());
    const auto view = co_await app::see_event(x.core, *who, base::event_id{x.path[0]});
    if (!view) co_return problem(x, view.error());
    std::vector<std::string> polls;
    for (const auto& poll : view->polls) polls.push_back(wire::write_poll(*poll));
    std::vector<std::string> results(view->results.size());
    const auto now = x.core.clock.wall();
    for (std::size_t i = 0; i < results.size(); ++i)
        wire::append_results(results[i], *view->results[i], now);
    const auto notice = x.core.flags.notice();
    auto answer = ok(wire::write_event_view(*view->event, polls, results, notice));
    answer.cache_control = cache_control_of(x, view->personal);
    answer_conditionally(x, answer, view_validator(*view, notice));
    co_return answer;
}

asio::awaitable<response> get_results(exchange& x) {
    take_cookie_of_the_poll(x);
    const auto who = reader_of(x);
    if (!who) co_return problem(x, who.error());
    const auto round = round_of(x);
    if (!round)
        co_return problem(x, {base::errc::invalid_request, "round: a number from 1 is needed."});
    if (!x.core.admits(app::work::results))
        co_return problem(x, {base::errc::overloaded, "Votes go first."});
    const auto results = co_await app::read_results(x.core, *who, base::poll_id{x.path[0]}, *round);
    if (!results) co_return problem(x, results.error());
    response answer;
    wire::append_results(answer.body, *results, x.core.clock.wall());
    answer.cache_control = cache_control_of(x, false);
    answer_conditionally(x, answer,
                         std::to_string(results->round) + '-' + std::to_string(results->version));
    co_return answer;
}

asio::awaitable<response> get_live(exchange& x) {
    const auto& req = x.req;
    const auto event = x.core.catalog.event(base::event_id{x.path[0]});
    if (!event) co_return problem(x, app::event_not_found());
    std::string_view key, version, protocols;
    for (std::size_t i = 0; i < req.field_count; ++i) {
        const auto& f = req.fields[i];
        if (f.id == http::field::sec_websocket_key) key = f.value;
        if (f.id == http::field::sec_websocket_version) version = f.value;
        if (f.id == http::field::sec_websocket_protocol) protocols = f.value;
    }
    if (req.method != http::verb::get || !req.http_1_1 || !req.upgrade ||
        !boost::beast::iequals(req.header(http::field::upgrade), "websocket") || version != "13") {
        response refused = problem(
            x, {base::errc::upgrade_required, "This address speaks WebSocket (version 13) only."});
        refused.extra = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
        co_return refused;
    }
    if (!wire::is_valid_ws_key(key))
        co_return problem(x, {base::errc::invalid_request, "Sec-WebSocket-Key is not 16 bytes."});
    if (!origin_allowed(req.header(http::field::origin), req.header(http::field::host),
                        x.settings.allowed_origins))
        co_return problem(x, {base::errc::forbidden, "This Origin may not connect."});
    if (!protocols.empty() && !boost::beast::http::token_list{protocols}.exists("tallycast.v1"))
        co_return problem(x, {base::errc::invalid_request, "The subprotocol is tallycast.v1."});
    const auto who = live_caller(x, *event);
    // A cookie that has run out is no obstacle: the first message may bring another token.
    if (!who && token_in_address(req.query).data() != nullptr) co_return problem(x, who.error());
    response answer;
    answer.become = takeover::websocket;
    co_return answer;
}

asio::awaitable<response> get_stream(exchange& x) {
    const auto event = x.core.catalog.event(base::event_id{x.path[0]});
    if (!event) co_return problem(x, app::event_not_found());
    const auto who = live_caller(x, *event);
    if (!who) co_return problem(x, who.error());
    if (!x.core.flags.on(domain::flag_id::sse))
        co_return problem(x, {base::errc::overloaded, "Event streams are off at the moment."});
    response answer;
    answer.content_type = "text/event-stream; charset=utf-8";
    if (x.req.method != http::verb::head) answer.become = takeover::event_stream;
    co_return answer;
}

}  // namespace tallycast::net
