#include <tallycast/net/cors.hpp>
#include <tallycast/net/router.hpp>

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace tallycast::net {
namespace {

using boost::beast::http::verb;

std::string pattern_of(verb method, std::string_view path) {
    const auto where = find_route(public_routes(), method, path);
    if (const auto* hit = std::get_if<match>(&where)) return std::string(hit->found->pattern);
    if (const auto* other = std::get_if<no_such_method>(&where)) return "405 " + other->allow;
    return "404";
}

struct router_case {
    verb method;
    const char* path;
    const char* expected;
};

TEST(Router, Finds_the_route_of_a_path) {
    const router_case cases[]{
        {verb::post, "/v1/polls/p1/votes", "/v1/polls/{}/votes"},
        {verb::get, "/v1/polls/p1/votes/mine", "/v1/polls/{}/votes/mine"},
        {verb::head, "/v1/polls/p1/results", "/v1/polls/{}/results"},
        {verb::post, "/v1/polls/p1/close", "/v1/polls/{}/close"},
        {verb::get, "/", "/"},
        {verb::get, "/ABC234", "/{}"},
        {verb::get, "/docs", "/docs"},
        {verb::delete_, "/v1/tenants/t/keys/k", "/v1/tenants/{}/keys/{}"},
        {verb::get, "/v1/polls//results", "404"},
        {verb::get, "/v1/polls/p1/results/", "404"},
        {verb::get, "/v1", "/{}"},
        {verb::get, "/v1/", "404"},
        {verb::get, "", "404"},
        {verb::get, "/v1/nothing/here", "404"},
        {verb::post, "/v1/polls/p1/destroy", "404"},
        {verb::put, "/v1/join", "405 POST"},
        {verb::get, "/v1/polls/p1/votes", "405 POST"},
    };
    for (const auto& c : cases) EXPECT_EQ(pattern_of(c.method, c.path), c.expected) << c.path;
}

TEST(Router, A_slash_too_many_leads_to_the_page_that_was_meant) {
    const std::pair<std::string_view, std::string_view> cases[]{
        {"/ABC234/", "/ABC234"},
        {"/studio/", "/studio"},
        {"/present/", "/present"},
        {"/present/e1/", "/present/e1"},
        {"/docs/", "/docs"},
        {"/studio", ""},
        {"/", ""},
        {"//", ""},
        {"//evil.example/", ""},
        {"/ABC234//", ""},
        {"/v1/", ""},
        {"/assets/", ""},
        {"/v1/events/e1/", ""},
        {"/assets/x.js/", ""},
        {"", ""},
    };
    for (const auto& [path, page] : cases)
        EXPECT_EQ(page_before_slash(public_routes(), path), page) << path;
    EXPECT_EQ(page_before_slash(operations_routes(), "/livez/"), "");
}

TEST(Router, Hands_over_what_stood_for_the_gaps) {
    const auto where = find_route(public_routes(), verb::delete_, "/v1/tenants/t1/keys/k9");
    const auto& hit = std::get<match>(where);
    EXPECT_EQ(hit.path[0], "t1");
    EXPECT_EQ(hit.path[1], "k9");
}

TEST(Origin, Only_the_own_one_and_those_on_the_list_may_come) {
    const std::vector<std::string> listed{"https://vote.example.org"};
    const auto allowed = [&](const char* origin) {
        return origin_allowed(origin, "live.example.org", listed);
    };
    EXPECT_TRUE(allowed(""));
    EXPECT_TRUE(allowed("https://live.example.org"));
    EXPECT_TRUE(allowed("http://live.example.org"));
    EXPECT_TRUE(allowed("https://vote.example.org"));
    for (const auto* bad :
         {"null", "https://vote.example.org.evil.test", "https://evil-vote.example.org",
          "http://vote.example.org", "https://VOTE.example.org", "https://vote.example.org:444",
          "https://vote.example.org/", "https://vote.example.org@evil.test",
          "https://live.example.org.evil.test", "live.example.org", "ftp://live.example.org"})
        EXPECT_FALSE(allowed(bad)) << bad;
}

}  // namespace
}  // namespace tallycast::net
