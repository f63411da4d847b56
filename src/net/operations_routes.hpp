#pragma once
// The handlers of the operations listener, which is never public.

#include <tallycast/net/exchange.hpp>

namespace tallycast::net {

// Which form of the metrics an Accept field asks for: OpenMetrics only by its name, and not when
// plain text is liked better.
metrics_form metrics_form_for(std::string_view accept);

boost::asio::awaitable<response> get_livez(exchange& x);
boost::asio::awaitable<response> get_readyz(exchange& x);
boost::asio::awaitable<response> get_metrics(exchange& x);
boost::asio::awaitable<response> post_drain(exchange& x);
boost::asio::awaitable<response> post_rebalance(exchange& x);

}  // namespace tallycast::net
