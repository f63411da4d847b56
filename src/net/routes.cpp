#include "routes.hpp"

#include <tallycast/net/router.hpp>

#include "operations_routes.hpp"

namespace tallycast::net {

namespace {

using boost::beast::http::verb;

constexpr std::size_t no_body = 1024;  // of a request that needs none
constexpr std::size_t vote_body = 16 * 1024;
constexpr std::size_t host_body = 256 * 1024;

constexpr route public_table[]{
    {verb::post, "/v1/polls/{}/votes", post_vote, vote_body, limited_by::use_case},
    {verb::get, "/v1/polls/{}/votes/mine", get_my_vote, no_body},
    {verb::delete_, "/v1/polls/{}/votes/mine", delete_my_vote, no_body, limited_by::use_case},
    {verb::post, "/v1/join", post_join, vote_body, limited_by::use_case},
    {verb::get, "/v1/events/{}", get_event, no_body},
    {verb::get, "/v1/polls/{}/results", get_results, no_body},
    {verb::get, "/v1/events/{}/live", get_live, no_body},
    {verb::get, "/v1/events/{}/stream", get_stream, no_body},

    {verb::get, "/v1/events/{}/invitation", get_invitation, no_body},

    {verb::post, "/v1/session", post_session, vote_body},
    {verb::get, "/v1/session", get_session, no_body},
    {verb::delete_, "/v1/session", delete_session, no_body},
    {verb::post, "/v1/events", post_event, host_body},
    {verb::get, "/v1/events", list_events, no_body},
    {verb::patch, "/v1/events/{}", patch_event, host_body},
    {verb::delete_, "/v1/events/{}", delete_event, no_body},
    {verb::post, "/v1/events/{}/watchers", post_watcher, host_body},
    {verb::get, "/v1/events/{}/connections", get_connections, no_body},
    {verb::post, "/v1/events/{}/polls", post_poll, host_body},
    {verb::get, "/v1/events/{}/polls", list_polls, no_body},
    {verb::get, "/v1/polls/{}", get_poll, no_body},
    {verb::patch, "/v1/polls/{}", patch_poll, host_body},
    {verb::delete_, "/v1/polls/{}", delete_poll, no_body},
    {verb::get, "/v1/polls/{}/ledger", get_ledger, no_body},
    {verb::get, "/v1/polls/{}/export", get_export, no_body},
    {verb::post, "/v1/polls/{}/open", move_poll, host_body},
    {verb::post, "/v1/polls/{}/pause", move_poll, host_body},
    {verb::post, "/v1/polls/{}/close", move_poll, host_body},
    {verb::post, "/v1/polls/{}/reset", move_poll, host_body},
    {verb::post, "/v1/polls/{}/archive", move_poll, host_body},

    {verb::post, "/v1/tenants", post_tenant, host_body},
    {verb::get, "/v1/tenants", list_tenants, no_body},
    {verb::get, "/v1/tenants/{}", get_tenant, no_body},
    {verb::patch, "/v1/tenants/{}", patch_tenant, host_body},
    {verb::delete_, "/v1/tenants/{}", delete_tenant, no_body},
    {verb::post, "/v1/tenants/{}/keys", post_key, host_body},
    {verb::get, "/v1/tenants/{}/keys", list_keys, no_body},
    {verb::delete_, "/v1/tenants/{}/keys/{}", delete_key, no_body},

    {verb::get, "/v1/flags", list_flags, no_body},
    {verb::get, "/v1/flags/{}", get_flag, no_body},
    {verb::put, "/v1/flags/{}", put_flag, vote_body},

    {verb::get, "/", get_start_page, no_body},
    {verb::post, "/", post_start_page, vote_body, limited_by::use_case},
    {verb::get, "/openapi.yaml", get_openapi, no_body},
    {verb::get, "/docs", get_docs, no_body},
    {verb::get, "/page.css", get_page_style, no_body},
    {verb::get, "/assets/{}", get_asset, no_body},
    {verb::get, "/sw.js", get_worker, no_body},
    {verb::get, "/studio", get_studio, no_body},
    {verb::get, "/present", get_no_presenter, no_body},
    {verb::get, "/present/{}", get_presenter, no_body},
    {verb::get, "/{}", get_event_page, no_body, limited_by::use_case},
    {verb::post, "/{}", post_event_page, vote_body, limited_by::use_case},
};

constexpr route operations_table[]{
    {verb::get, "/livez", get_livez, no_body, limited_by::nobody},
    {verb::get, "/readyz", get_readyz, no_body, limited_by::nobody},
    {verb::get, "/metrics", get_metrics, no_body, limited_by::nobody},
    {verb::post, "/ofrep/v1/evaluate/flags", evaluate_flags, vote_body, limited_by::nobody},
    {verb::post, "/ofrep/v1/evaluate/flags/{}", evaluate_flag, vote_body, limited_by::nobody},
    {verb::post, "/drain", post_drain, no_body, limited_by::nobody},
    {verb::post, "/rebalance", post_rebalance, no_body, limited_by::nobody},
};

}  // namespace

std::span<const route> public_routes() { return public_table; }
std::span<const route> operations_routes() { return operations_table; }

}  // namespace tallycast::net
