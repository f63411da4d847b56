#include <tallycast/net/static_assets.hpp>

#include "routes.hpp"

namespace tallycast::net {

namespace http = boost::beast::http;

response asset_answer(exchange& x, std::string_view path) {
    const auto* kept = x.settings.assets->find(path);
    if (kept == nullptr)
        return problem(x, {base::errc::not_found, "There is nothing at this path."});
    const auto coding = choose_coding(*kept, x.req.header(http::field::accept_encoding));
    const auto at = static_cast<std::size_t>(coding);
    response answer;
    answer.content_type = kept->content_type;
    answer.cache_control = kept->immutable ? "public, max-age=31536000, immutable" : "no-cache";
    if (kept->content_type == html_type) answer.content_security_policy = page_policy;
    answer.extra = "ETag: " + kept->tags[at] + "\r\nVary: Accept-Encoding\r\n";
    if (lists_tag(x.req.header(http::field::if_none_match), kept->tags[at])) {
        answer.status = 304;
        return answer;
    }
    if (const auto name = name_of(coding); !name.empty())
        answer.extra.append("Content-Encoding: ").append(name).append("\r\n");
    answer.body = kept->bytes[at];
    return answer;
}

boost::asio::awaitable<response> get_asset(exchange& x) {
    co_return asset_answer(x, "assets/" + std::string(x.path[0]));
}

// The audience's service worker, which asks for the page as the page's scripts may.
boost::asio::awaitable<response> get_worker(exchange& x) {
    auto answer = asset_answer(x, "sw.js");
    answer.content_security_policy = page_policy;
    co_return answer;
}

namespace {

response page_answer(exchange& x, std::string_view file) {
    if (x.settings.assets->find(file) == nullptr)
        return problem(x, {base::errc::not_found,
                           "This node was built without its pages; the audience's form is at /."});
    return asset_answer(x, file);
}

}  // namespace

boost::asio::awaitable<response> get_studio(exchange& x) {
    co_return page_answer(x, "studio.html");
}

boost::asio::awaitable<response> get_presenter(exchange& x) {
    co_return page_answer(x, "presenter.html");
}

}  // namespace tallycast::net
