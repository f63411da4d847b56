#include "dispatch.hpp"

#include <tallycast/net/cors.hpp>
#include <tallycast/wire/traceparent.hpp>

#include "cookies.hpp"
#include "routes.hpp"

#include <exception>
#include <string>
#include <utility>
#include <variant>

namespace tallycast::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

// A host sees what they did a moment ago through another node: their requests are few, and look at
// the store first.
bool speaks_for_a_host(const exchange& x) {
    return x.credential.starts_with("tck_") ||
           !cookie_value(x.req.header(http::field::cookie), host_cookie_name).empty();
}

bool is_read(const request& req) {
    return req.method == http::verb::get || req.method == http::verb::head;
}

response moved_to(const exchange& x, std::string_view path) {
    response answer;
    answer.status = 308;
    answer.content_type = {};
    answer.extra.append("Location: ").append(path);
    if (!x.req.query.empty()) answer.extra.append("?").append(x.req.query);
    answer.extra.append("\r\n");
    return answer;
}

}  // namespace

asio::awaitable<response> dispatch(exchange& x, std::span<const route> routes) {
    const request& req = x.req;
    if (auto preflight = cors_preflight(x)) co_return std::move(*preflight);
    auto where = find_route(routes, req.method, req.path);
    if (const auto* other = std::get_if<no_such_method>(&where)) {
        auto refused =
            problem(x, {base::errc::method_not_allowed, "This path knows " + other->allow + "."});
        refused.extra += "Allow: " + other->allow + "\r\n";
        co_return refused;
    }
    const auto* hit = std::get_if<match>(&where);
    const auto page =
        hit == nullptr && is_read(req) ? page_before_slash(routes, req.path) : std::string_view{};
    if (!page.empty()) co_return moved_to(x, page);
    if (hit == nullptr)
        co_return problem(x, {base::errc::not_found, "There is nothing at this path."});
    x.path = hit->path;
    x.route = hit->found->pattern;
    if (hit->found->limit == limited_by::route) {
        x.limited = x.core.limits.request(x.from, x.core.clock.mono());
        if (!x.limited.allowed) co_return too_many(x);
    }
    try {
        if (speaks_for_a_host(x)) {
            auto catching_up = x.core.polls.catch_up();
            co_await std::move(catching_up);
        }
        auto answer = co_await hit->found->answer(x);
        if (answer.status == 404 || answer.status == 401) {
            // What is unknown here may have been made through another node a moment ago.
            auto looking = x.core.polls.catch_up();
            const auto news = co_await std::move(looking);
            if (news && *news) answer = co_await hit->found->answer(x);
        }
        // The other handlers, which take from limits of their own, say so themselves.
        if (hit->found->limit == limited_by::route) append_rate_limit(x, answer.extra);
        co_return answer;
    } catch (const std::exception& e) {
        x.core.log.write(ports::severity::error, "a request failed",
                         {{"request_id", x.request_id},
                          {"trace", x.from.trace ? wire::write_traceparent(*x.from.trace) : ""},
                          {"why", e.what()}});
    }
    co_return problem(
        x, {base::errc::internal, "Something of ours went wrong; the request id tells us where."});
}

}  // namespace tallycast::net
