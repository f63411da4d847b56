#include "operations_routes.hpp"

namespace tallycast::net {

namespace asio = boost::asio;

namespace {

response text(unsigned status, std::string body) {
    response answer;
    answer.status = status;
    answer.content_type = "text/plain; charset=utf-8";
    answer.body = std::move(body);
    return answer;
}

}  // namespace

asio::awaitable<response> get_livez(exchange&) { co_return text(200, "ok\n"); }

asio::awaitable<response> get_readyz(exchange& x) {
    const auto reason = x.node.not_ready_because();
    const unsigned status = reason.empty() ? 200 : 503;
    if (x.req.query == "verbose") co_return text(status, x.node.readiness());
    co_return text(status, reason.empty() ? "ok\n" : reason + '\n');
}

asio::awaitable<response> get_metrics(exchange& x) {
    auto answer = text(200, x.node.metrics());
    answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
    co_return answer;
}

// A page that is open in a browser on this machine could ask for it, too: browsers say where a POST
// comes from, and no tool of an operator's does.
asio::awaitable<response> post_drain(exchange& x) {
    if (!x.req.header(boost::beast::http::field::origin).empty())
        co_return problem(x,
                          {base::errc::forbidden, "A page of a browser may not drain the node."});
    x.node.drain();
    co_return text(202, "draining\n");
}

}  // namespace tallycast::net
