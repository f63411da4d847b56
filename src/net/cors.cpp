#include <tallycast/net/cors.hpp>

#include <algorithm>

namespace tallycast::net {

namespace http = boost::beast::http;

namespace {

bool listed(const std::vector<std::string>& allowed, std::string_view origin) {
    return std::ranges::find(allowed, origin) != allowed.end();
}

}  // namespace

bool origin_allowed(std::string_view origin, std::string_view host,
                    const std::vector<std::string>& allowed) {
    if (origin.empty()) return true;
    if (listed(allowed, origin)) return true;
    for (const std::string_view scheme : {"http://", "https://"})
        if (origin.starts_with(scheme) && origin.substr(scheme.size()) == host) return true;
    return false;
}

std::optional<response> cors_preflight(const exchange& x) {
    const bool asks = x.req.method == http::verb::options &&
                      !x.req.header(http::field::access_control_request_method).empty();
    if (!asks) return std::nullopt;
    response answer;
    answer.status = 204;
    answer.content_type = {};
    if (listed(x.settings.allowed_origins, x.req.header(http::field::origin)))
        answer.extra =
            "Access-Control-Allow-Methods: GET, HEAD, POST, PATCH, DELETE\r\n"
            "Access-Control-Allow-Headers: Authorization, Content-Type, Idempotency-Key, "
            "X-Request-Id\r\n"
            "Access-Control-Max-Age: 600\r\n";
    return answer;
}

void append_cors(const request& req, const std::vector<std::string>& allowed, std::string& extra) {
    if (allowed.empty()) return;
    extra += "Vary: Origin\r\n";
    const auto origin = req.header(http::field::origin);
    if (!listed(allowed, origin)) return;
    extra.append("Access-Control-Allow-Origin: ").append(origin);
    extra +=
        "\r\nAccess-Control-Allow-Credentials: true\r\n"
        "Access-Control-Expose-Headers: X-Request-Id, RateLimit, RateLimit-Policy, Retry-After, "
        "ETag\r\n";
}

}  // namespace tallycast::net
