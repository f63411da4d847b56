#pragma once
// The handlers behind the tables of routes.cpp, by who calls them.

#include <tallycast/app/join_event.hpp>
#include <tallycast/net/exchange.hpp>

namespace tallycast::net {

// voter_routes.cpp
boost::asio::awaitable<response> post_join(exchange& x);
boost::asio::awaitable<response> post_vote(exchange& x);
boost::asio::awaitable<response> get_my_vote(exchange& x);
boost::asio::awaitable<response> delete_my_vote(exchange& x);
boost::asio::awaitable<response> get_event(exchange& x);
boost::asio::awaitable<response> get_results(exchange& x);
boost::asio::awaitable<response> get_live(exchange& x);
boost::asio::awaitable<response> get_stream(exchange& x);

// host_routes.cpp
boost::asio::awaitable<response> post_event(exchange& x);
boost::asio::awaitable<response> list_events(exchange& x);
boost::asio::awaitable<response> patch_event(exchange& x);
boost::asio::awaitable<response> delete_event(exchange& x);
boost::asio::awaitable<response> post_watcher(exchange& x);
boost::asio::awaitable<response> post_poll(exchange& x);
boost::asio::awaitable<response> list_polls(exchange& x);
boost::asio::awaitable<response> get_poll(exchange& x);
boost::asio::awaitable<response> patch_poll(exchange& x);
boost::asio::awaitable<response> delete_poll(exchange& x);
boost::asio::awaitable<response> move_poll(exchange& x);
boost::asio::awaitable<response> get_ledger(exchange& x);
boost::asio::awaitable<response> get_export(exchange& x);

// session_routes.cpp
boost::asio::awaitable<response> post_session(exchange& x);
boost::asio::awaitable<response> get_session(exchange& x);
boost::asio::awaitable<response> delete_session(exchange& x);
// Who calls a host's route: by the Authorization field, or by the cookie of the studio, which a
// foreign page cannot use (forbidden).
base::result<app::caller> host_of(exchange& x);

// invitation_routes.cpp
boost::asio::awaitable<response> get_invitation(exchange& x);
boost::asio::awaitable<response> get_connections(exchange& x);

// operator_routes.cpp
boost::asio::awaitable<response> post_tenant(exchange& x);
boost::asio::awaitable<response> list_tenants(exchange& x);
boost::asio::awaitable<response> get_tenant(exchange& x);
boost::asio::awaitable<response> patch_tenant(exchange& x);
boost::asio::awaitable<response> delete_tenant(exchange& x);
boost::asio::awaitable<response> post_key(exchange& x);
boost::asio::awaitable<response> list_keys(exchange& x);
boost::asio::awaitable<response> delete_key(exchange& x);

// flag_routes.cpp
boost::asio::awaitable<response> list_flags(exchange& x);
boost::asio::awaitable<response> get_flag(exchange& x);
boost::asio::awaitable<response> put_flag(exchange& x);
// On the operations listener: OFREP, for OpenFeature clients.
boost::asio::awaitable<response> evaluate_flag(exchange& x);
boost::asio::awaitable<response> evaluate_flags(exchange& x);

// page_routes.cpp
boost::asio::awaitable<response> get_start_page(exchange& x);
boost::asio::awaitable<response> post_start_page(exchange& x);
boost::asio::awaitable<response> get_event_page(exchange& x);
boost::asio::awaitable<response> post_event_page(exchange& x);
boost::asio::awaitable<response> get_page_style(exchange& x);
boost::asio::awaitable<response> get_openapi(exchange& x);
boost::asio::awaitable<response> get_docs(exchange& x);

// asset_routes.cpp
boost::asio::awaitable<response> get_asset(exchange& x);
boost::asio::awaitable<response> get_worker(exchange& x);
boost::asio::awaitable<response> get_studio(exchange& x);
boost::asio::awaitable<response> get_presenter(exchange& x);
boost::asio::awaitable<response> get_no_presenter(exchange& x);

// What a page and its scripts may do: nothing inline, nothing from or to anybody else.
inline constexpr std::string_view page_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src "
    "'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
// A file of the pages ("studio.html"), as the client can take it; 404 when there is none.
response asset_answer(exchange& x, std::string_view path);

// What the handlers of one kind share.
bool has_json_body(const exchange& x);
response wrong_media_type(const exchange& x);
base::result<app::caller> caller_of(exchange& x);
// For what anyone may read: a cookie that is no longer good, which no script could drop, is
// nobody's.
base::result<app::caller> reader_of(exchange& x);
// 429 for the limit in x.limited.
response too_many(const exchange& x);
// Where nothing but cookies say who calls, this event's is the credential.
void take_cookie_of(exchange& x, const base::event_id& event);
void take_cookie_of_the_code(exchange& x, std::string_view typed_code);
// The Set-Cookie lines for a voter: a cookie carries the token where no script can read it.
std::string voter_cookies(const exchange& x, const app::joined& voter);
// The RateLimit and RateLimit-Policy fields (IETF HTTPAPI draft) for what x.limited tells.
void append_rate_limit(const exchange& x, std::string& extra);
// Whether the list of an If-None-Match holds this entity tag; weak comparison.
bool lists_tag(std::string_view list, std::string_view tag);
// Sets the ETag, and makes a 304 of the answer where the client has it already.
void answer_conditionally(const exchange& x, response& answer, std::string_view validator);

}  // namespace tallycast::net
