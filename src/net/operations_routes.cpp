#include "operations_routes.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

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

// A page that is open in a browser on this machine could ask for it, too: browsers say where a POST
// comes from, and no tool of an operator's does.
bool is_of_a_page(const request& req) {
    return !req.header(boost::beast::http::field::origin).empty();
}

response not_for_pages(const exchange& x) {
    return problem(x, {base::errc::forbidden, "A page of a browser may not send people away."});
}

// Of a query `share=0.2` and nothing else.
std::optional<double> share_in(std::string_view query) {
    constexpr std::string_view name = "share=";
    if (!query.starts_with(name)) return std::nullopt;
    query.remove_prefix(name.size());
    double share = 0;
    const auto end = query.data() + query.size();
    const auto read = std::from_chars(query.data(), end, share);
    if (read.ec != std::errc{} || read.ptr != end || !(share >= 0 && share <= 1))
        return std::nullopt;
    return share;
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// The part before the separator, which is taken off with it.
std::string_view next_part(std::string_view& of, char separator) {
    const auto at = of.find(separator);
    const auto part = trimmed(of.substr(0, at));
    of = at == std::string_view::npos ? std::string_view{} : of.substr(at + 1);
    return part;
}

double quality_in(std::string_view parameters) {
    while (!parameters.empty()) {
        const auto one = next_part(parameters, ';');
        if (!one.starts_with("q=")) continue;
        double quality = 0;
        std::from_chars(one.data() + 2, one.data() + one.size(), quality);
        return quality;
    }
    return 1;
}

// The highest quality that an Accept field gives to this very type; 0 when it does not name it.
double preference_for(std::string_view type, std::string_view accept) {
    double highest = 0;
    while (!accept.empty()) {
        auto range = next_part(accept, ',');
        if (boost::beast::iequals(next_part(range, ';'), type))
            highest = std::max(highest, quality_in(range));
    }
    return highest;
}

}  // namespace

metrics_form metrics_form_for(std::string_view accept) {
    const auto wanted = preference_for("application/openmetrics-text", accept);
    return wanted > 0 && wanted >= preference_for("text/plain", accept) ? metrics_form::open_metrics
                                                                        : metrics_form::prometheus;
}

asio::awaitable<response> get_livez(exchange&) { co_return text(200, "ok\n"); }

asio::awaitable<response> get_readyz(exchange& x) {
    const auto reason = x.node.not_ready_because();
    const unsigned status = reason.empty() ? 200 : 503;
    if (x.req.query == "verbose") co_return text(status, x.node.readiness());
    co_return text(status, reason.empty() ? "ok\n" : reason + '\n');
}

asio::awaitable<response> get_metrics(exchange& x) {
    const auto form = metrics_form_for(x.req.header(boost::beast::http::field::accept));
    auto answer = text(200, x.node.metrics(form));
    answer.content_type = form == metrics_form::open_metrics
                              ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                              : "text/plain; version=0.0.4; charset=utf-8";
    co_return answer;
}

asio::awaitable<response> post_drain(exchange& x) {
    if (is_of_a_page(x.req)) co_return not_for_pages(x);
    x.node.drain();
    co_return text(202, "draining\n");
}

asio::awaitable<response> post_rebalance(exchange& x) {
    if (is_of_a_page(x.req)) co_return not_for_pages(x);
    const auto share = share_in(x.req.query);
    if (!share)
        co_return problem(x, {base::errc::invalid_request,
                              "Say which share of the live connections is to go, from 0 to 1, as "
                              "?share=0.2."});
    x.node.rebalance(*share);
    co_return text(202, "rebalancing\n");
}

}  // namespace tallycast::net
