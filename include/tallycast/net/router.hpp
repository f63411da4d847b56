#pragma once
// Which handler answers what: one constant table for each listener.

#include <tallycast/net/exchange.hpp>

#include <boost/beast/http/verb.hpp>

#include <array>
#include <cstdint>
#include <cstddef>
#include <span>
#include <string_view>
#include <variant>

namespace tallycast::net {

// Who asks the limiter: the router before the handler, or the use case, which books what it
// refuses.
enum class limited_by : std::uint8_t { route, use_case, nobody };

struct route {
    boost::beast::http::verb method;
    std::string_view pattern;  // "/v1/polls/{}/votes": {} stands for one segment that is not empty
    handler answer;
    std::size_t body_limit = 0;
    limited_by limit = limited_by::route;
};

struct match {
    const route* found = nullptr;
    std::array<std::string_view, 3> path{};
};
struct no_such_method {
    std::string allow;  // "GET, HEAD, POST"
};
struct no_such_path {};
using routing = std::variant<match, no_such_method, no_such_path>;

// HEAD finds the route of GET.
routing find_route(std::span<const route> table, boost::beast::http::verb method,
                   std::string_view path);

// The path of the page that somebody meant who typed a slash behind its address; empty where there
// is none.
std::string_view page_before_slash(std::span<const route> table, std::string_view path);

std::span<const route> public_routes();
std::span<const route> operations_routes();

}  // namespace tallycast::net
