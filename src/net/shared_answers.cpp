#include "cookies.hpp"
#include "routes.hpp"

#include <tallycast/net/voter_cookies.hpp>

#include <boost/beast/core/string.hpp>

namespace tallycast::net {

namespace http = boost::beast::http;

namespace {

std::string_view without_parameters(std::string_view media_type) {
    auto bare = media_type.substr(0, media_type.find(';'));
    while (!bare.empty() && bare.back() == ' ') bare.remove_suffix(1);
    return bare;
}

}  // namespace

bool lists_tag(std::string_view list, std::string_view tag) {
    return list == "*" || list.find(tag) != std::string_view::npos;
}

bool has_json_body(const exchange& x) {
    return boost::beast::iequals(without_parameters(x.req.header(http::field::content_type)),
                                 json_type);
}

response wrong_media_type(const exchange& x) {
    return problem(x, {base::errc::unsupported_media_type,
                       "The body's Content-Type must be application/json."});
}

base::result<app::caller> caller_of(exchange& x) { return app::identify(x.core, x.credential); }

base::result<app::caller> reader_of(exchange& x) {
    auto who = caller_of(x);
    const bool from_cookie = x.req.header(http::field::authorization).empty();
    if (!who && from_cookie) return app::caller{app::anyone{}};
    return who;
}

response too_many(const exchange& x) {
    base::failure f{base::errc::rate_limited, "Too many requests."};
    f.limit = x.limited.name;
    f.retry_after = std::chrono::ceil<base::milliseconds>(x.limited.bucket.retry_after);
    auto refused = problem(x, f);
    append_rate_limit(x, refused.extra);
    return refused;
}

void take_cookie_of(exchange& x, const base::event_id& event) {
    if (x.req.header(http::field::authorization).empty())
        x.credential = voter_cookie_in(x.req.header(http::field::cookie), event);
}

void take_cookie_of_the_code(exchange& x, std::string_view typed) {
    const auto code = domain::folded_code(typed);
    if (const auto event = code ? x.core.catalog.event_with_code(*code) : nullptr)
        take_cookie_of(x, event->id);
}

std::string voter_cookies(const exchange& x, const app::joined& voter) {
    const auto life =
        std::chrono::duration_cast<std::chrono::seconds>(voter.expires - x.core.clock.wall());
    return set_voter_cookies({voter.event->id, voter.token, life, x.secure},
                             x.req.header(http::field::cookie));
}

void append_rate_limit(const exchange& x, std::string& extra) {
    if (x.limited.name.empty()) return;
    const auto& rate = x.limited.rate;
    const auto window = std::chrono::ceil<std::chrono::seconds>(rate.interval * rate.burst).count();
    const auto reset =
        std::chrono::ceil<std::chrono::seconds>(x.limited.allowed ? x.limited.bucket.full_after
                                                                  : x.limited.bucket.retry_after)
            .count();
    extra.reserve(extra.size() + 112);
    extra.append("RateLimit-Policy: \"")
        .append(x.limited.name)
        .append("\";q=")
        .append(std::to_string(rate.burst));
    extra.append(";w=")
        .append(std::to_string(window))
        .append("\r\nRateLimit: \"")
        .append(x.limited.name);
    extra.append("\";r=").append(std::to_string(x.limited.bucket.remaining)).append(";t=");
    extra.append(std::to_string(reset)).append("\r\n");
}

void answer_conditionally(const exchange& x, response& answer, std::string_view validator) {
    const std::string tag = "\"" + std::string(validator) + '"';
    answer.extra += "ETag: W/" + tag + "\r\nVary: Authorization, Cookie\r\n";
    if (!lists_tag(x.req.header(http::field::if_none_match), tag)) return;
    answer.status = 304;
    answer.body.clear();
}

}  // namespace tallycast::net
