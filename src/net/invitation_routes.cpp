// How an audience finds an event, and how much of it is there.

#include <tallycast/app/see_event.hpp>
#include <tallycast/wire/host_json.hpp>
#include <tallycast/wire/qr_code.hpp>

#include "routes.hpp"

namespace tallycast::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

bool is_loopback(std::string_view name) {
    return name == "localhost" || name == "[::1]" || name.starts_with("127.");
}

// Where phones find the pages. Who sits at the node's own machine calls it by a name that means
// nothing to a phone; then the address of the machine stands for it.
std::string address_for_phones(const exchange& x) {
    if (!x.settings.public_url.empty()) return x.settings.public_url;
    std::string_view host = x.req.header(http::field::host);
    const auto colon = host.rfind(':');
    const bool has_port = colon != std::string_view::npos && host.find(']', colon) == host.npos;
    const auto name = host.substr(0, has_port ? colon : host.npos);
    const auto port = host.substr(name.size());
    const bool elsewhere = is_loopback(name) && !x.settings.near_host.empty();
    std::string url = x.secure ? "https://" : "http://";
    url.append(elsewhere ? x.settings.near_host : name).append(port);
    return url;
}

}  // namespace

asio::awaitable<response> get_invitation(exchange& x) {
    const auto event = x.core.catalog.event(base::event_id{x.path[0]});
    if (!event) co_return problem(x, app::event_not_found());
    const auto url = address_for_phones(x) + '/' + event->code;
    co_return ok(wire::write_invitation(*event, url, wire::qr_code::of(url)));
}

asio::awaitable<response> get_connections(exchange& x) {
    const auto who = host_of(x);
    if (!who) co_return problem(x, who.error());
    const auto event = app::own_event(x.core, *who, base::event_id{x.path[0]});
    if (!event) co_return problem(x, event.error());
    auto work = x.node.live_connections((*event)->id);
    const auto count = co_await std::move(work);
    co_return ok(wire::write_connections((*event)->id, count, x.core.clock.wall()));
}

}  // namespace tallycast::net
