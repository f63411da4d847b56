#pragma once
// From a request to its answer: the table of routes, what a route limits, and the handler. A host
// is answered by what the store knows now, and what is unknown gets a second look at it: it may
// have been made through another node a moment ago.

#include <tallycast/net/exchange.hpp>
#include <tallycast/net/router.hpp>

#include <boost/asio/awaitable.hpp>

#include <span>

namespace tallycast::net {

// Runs on the core of `x`, which outlives it; fills its path, route and limit. What a handler
// throws is logged and answered 500.
boost::asio::awaitable<response> dispatch(exchange& x, std::span<const route> routes);

}  // namespace tallycast::net
