// Signing in at the studio: the host key goes into a cookie that no script can read, and host
// routes take it from there. A browser sends a cookie along whoever makes it call, so what changes
// something must come from a page of our own.

#include <tallycast/app/manage.hpp>
#include <tallycast/net/cors.hpp>
#include <tallycast/wire/host_body.hpp>
#include <tallycast/wire/host_json.hpp>

#include "cookies.hpp"
#include "routes.hpp"

#include <algorithm>

namespace tallycast::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

constexpr std::chrono::seconds session_life = std::chrono::hours(12);

std::string_view fetch_site(const request& req) {
    for (std::size_t i = 0; i < req.field_count; ++i)
        if (boost::beast::iequals(req.fields[i].name, "Sec-Fetch-Site")) return req.fields[i].value;
    return {};
}

// Browsers name the origin of whatever is not a GET; what names none is no browser.
bool from_our_own_page(const exchange& x) {
    const auto site = fetch_site(x.req);
    return (site.empty() || site == "same-origin") &&
           origin_allowed(x.req.header(http::field::origin), x.req.header(http::field::host), {});
}

bool changes_nothing(http::verb method) {
    return method == http::verb::get || method == http::verb::head;
}

base::failure foreign_page() {
    return {base::errc::forbidden, "Only a page of this node may do this with the host's cookie."};
}

std::string cookie_line(const exchange& x, std::string_view key, std::chrono::seconds life) {
    std::string line = "Set-Cookie: ";
    line.append(host_cookie_name).append("=").append(key);
    line += "; Path=/v1; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(life.count());
    return line + (x.secure ? "; Secure\r\n" : "\r\n");
}

// RFC 6265, cookie-octet, of which keys hold the visible ones.
bool fits_a_cookie(std::string_view key) {
    return std::ranges::none_of(key, [](char c) {
        return c <= ' ' || c > '~' || c == '"' || c == ',' || c == ';' || c == '\\';
    });
}

response session_answer(exchange& x, const app::caller& who) {
    const auto* host = std::get_if<app::host_caller>(&who);
    const auto key = host ? x.core.catalog.key_with_hash(host->key_hash) : nullptr;
    const auto tenant = key ? x.core.catalog.tenant(key->tenant) : nullptr;
    if (!tenant) return problem(x, app::tenant_of(app::anyone{}).error());
    return ok(wire::write_session(*tenant, *key));
}

}  // namespace

base::result<app::caller> host_of(exchange& x) {
    if (x.req.header(http::field::authorization).empty()) {
        const auto key = cookie_value(x.req.header(http::field::cookie), host_cookie_name);
        if (!key.empty() && !changes_nothing(x.req.method) && !from_our_own_page(x))
            return foreign_page();
        if (!key.empty()) x.credential = key;
    }
    return caller_of(x);
}

asio::awaitable<response> post_session(exchange& x) {
    if (!from_our_own_page(x)) co_return problem(x, foreign_page());
    if (!has_json_body(x)) co_return wrong_media_type(x);
    const auto body = wire::read_sign_in(x.req.body);
    if (!body) co_return problem(x, body.error());
    const auto who = app::identify(x.core, body->host_key);
    if (!who) co_return problem(x, who.error());
    auto answer = session_answer(x, *who);
    if (answer.status != 200) co_return answer;
    if (!fits_a_cookie(body->host_key))
        co_return problem(x, {base::errc::invalid_request,
                              "host_key: it holds characters that no cookie can carry."});
    answer.extra = cookie_line(x, body->host_key, session_life);
    co_return answer;
}

asio::awaitable<response> get_session(exchange& x) {
    const auto who = host_of(x);
    if (!who) co_return problem(x, who.error());
    co_return session_answer(x, *who);
}

asio::awaitable<response> delete_session(exchange& x) {
    if (!from_our_own_page(x)) co_return problem(x, foreign_page());
    response answer;
    answer.status = 204;
    answer.content_type = {};
    answer.extra = cookie_line(x, {}, std::chrono::seconds{0});
    co_return answer;
}

}  // namespace tallycast::net
