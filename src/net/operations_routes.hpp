#pragma once
// The handlers of the operations listener, which is never public.

#include <tallycast/net/exchange.hpp>

namespace tallycast::net {

boost::asio::awaitable<response> get_livez(exchange& x);
boost::asio::awaitable<response> get_readyz(exchange& x);
boost::asio::awaitable<response> get_metrics(exchange& x);
boost::asio::awaitable<response> post_drain(exchange& x);
boost::asio::awaitable<response> post_rebalance(exchange& x);

}  // namespace tallycast::net
