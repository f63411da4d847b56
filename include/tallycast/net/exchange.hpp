#pragma once
// One request and its answer, as the route handlers see them: no sockets here.

#include <tallycast/app/caller.hpp>
#include <tallycast/app/core.hpp>
#include <tallycast/net/net_settings.hpp>
#include <tallycast/net/request.hpp>

#include <boost/asio/awaitable.hpp>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tallycast::net {

// A body that is made while it is sent. next() gives a piece, or nothing at its end.
class body_source {
public:
    virtual ~body_source() = default;
    virtual boost::asio::awaitable<std::optional<std::string>> next() = 0;
};

// What the connection becomes after this answer.
enum class takeover : std::uint8_t { none, websocket, event_stream };

inline constexpr std::string_view json_type = "application/json";
inline constexpr std::string_view problem_type = "application/problem+json";
inline constexpr std::string_view html_type = "text/html; charset=utf-8";

struct response {
    unsigned status = 200;
    std::string_view content_type = json_type;
    std::string body;
    std::string extra;  // whole header lines
    std::string_view cache_control = "no-store";
    std::string_view content_security_policy = "default-src 'none'; frame-ancestors 'none'";
    std::unique_ptr<body_source> source;
    takeover become = takeover::none;
};

enum class metrics_form : std::uint8_t { prometheus = 1, open_metrics };

// What the routes ask of the node as a whole. Any thread; all but the last are for the operations
// listener, the last is for the public ones.
struct node_hooks {
    std::function<std::string()> not_ready_because;  // empty: ready
    std::function<std::string()> readiness;          // in lines
    std::function<std::string(metrics_form)> metrics;
    std::function<void()> drain;            // begins; returns at once
    std::function<void(double)> rebalance;  // likewise; the share that is to go
    // How many watch the event live, on all cores of this node.
    std::function<boost::asio::awaitable<std::size_t>(base::event_id)> live_connections;
};

// Everything a handler may look at. Lives as long as the handler runs; views point into the
// connection's buffer.
struct exchange {
    app::core& core;
    const net_settings& settings;
    const node_hooks& node;
    const request& req;
    app::origin from;
    std::string_view request_id;
    std::string_view credential;           // of the Authorization field, or else of the cookie
    std::array<std::string_view, 3> path;  // what stood for the {…} of the route
    std::string_view route = "unknown";    // its pattern
    bool secure = false;                   // cookies are for TLS only

    app::limit_answer limited;  // filled by limited handlers, told in the RateLimit fields
};

using handler = boost::asio::awaitable<response> (*)(exchange&);

// The answer for a failure: problem+json with its status and headers.
response problem(const exchange& x, const base::failure& f);

// 200 with a JSON body.
response ok(std::string body);

// The number of a ?round= in the query; nullopt when it is no number. 0 when there is none.
std::optional<std::uint32_t> round_of(const exchange& x);

}  // namespace tallycast::net
