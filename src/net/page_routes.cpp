#include <tallycast/app/cast_vote.hpp>
#include <tallycast/app/crypto.hpp>
#include <tallycast/app/join_event.hpp>
#include <tallycast/app/see_event.hpp>
#include <tallycast/net/compression.hpp>
#include <tallycast/net/openapi_text.hpp>
#include <tallycast/net/router.hpp>
#include <tallycast/net/static_assets.hpp>
#include <tallycast/wire/page.hpp>
#include <tallycast/wire/percent.hpp>
#include <tallycast/wire/problem.hpp>

#include "routes.hpp"

#include <algorithm>
#include <deque>
#include <tuple>

namespace tallycast::net {

namespace asio = boost::asio;

namespace {

wire::page_language language_of(const exchange& x) {
    return wire::language_of(x.req.header(boost::beast::http::field::accept_language));
}

// What a page of forms refers to. Without scripts it keeps to a style of its own.
wire::page_links links_of(const exchange& x) {
    const auto& assets = *x.settings.assets;
    const auto script = assets.address_of("audience.js");
    if (script.empty()) return {"/page.css", {}, {}, {}};
    const auto words = "audience." + std::string(wire::tag_of(language_of(x))) + ".js";
    return {assets.address_of("audience.css"), script, assets.address_of("icon.svg"),
            assets.address_of(words)};
}

// What is so short is left alone: there is little to save.
constexpr std::size_t least_compressed = 512;

// There is nothing in a page both secret and beside what another site may have put there, so that
// its compressed length tells nobody anything.
response page(const exchange& x, std::string html, unsigned status = 200) {
    response answer;
    answer.status = status;
    answer.content_type = html_type;
    answer.content_security_policy = page_policy;
    answer.extra = "Vary: Accept-Encoding, Accept-Language\r\n";
    const auto accepted = x.req.header(boost::beast::http::field::accept_encoding);
    const bool is_worth_it = html.size() >= least_compressed;
    if (is_worth_it && takes_coding(accepted, "br")) {
        answer.extra += "Content-Encoding: br\r\n";
        html = brotlied(html);
    } else if (is_worth_it && takes_coding(accepted, "gzip")) {
        answer.extra += "Content-Encoding: gzip\r\n";
        html = gzipped(html);
    }
    answer.body = std::move(html);
    return answer;
}

response start_page(const exchange& x, std::string_view typed,
                    std::optional<wire::page_notice> notice, unsigned status = 200) {
    return page(x, wire::join_page({"/", links_of(x), std::move(notice), typed, language_of(x)}),
                status);
}

response no_such_code(const exchange& x, std::string_view typed) {
    return start_page(
        x, typed, wire::page_notice{"No event has this code. Please look at it again.", true}, 404);
}

app::caller voter_of(const app::joined& voter) {
    return app::voter_caller{voter.event->id, voter.number, voter.expires};
}

// How the ballot of the posted form fared, for the poll it was for.
struct posted_vote {
    const wire::page_ballot& form;
    wire::page_notice notice;
};

wire::page_notice notice_of(const base::result<app::vote_receipt>& receipt) {
    if (!receipt) return {receipt.error().detail, true, receipt.error().late};
    if (receipt->status == "withdrawn") return {"Your vote was taken back.", false};
    return {"Your vote was counted ✓", false};
}

// The page with all questions has ?all in its address.
bool wants_all(const exchange& x) {
    const auto query = wire::read_query(x.req.query);
    return query &&
           std::ranges::any_of(*query, [](const auto& pair) { return pair.first == "all"; });
}

// Everything the page shows: stored here, because the page only refers to it.
struct page_material {
    std::deque<domain::results> results;
    std::vector<app::poll_ptr> polls;
    std::vector<wire::page_poll> shown;
    bool is_part = false;  // of what there is to see
};

// One question at a time, as the page with scripts does it, or a first visit would weigh the more
// the more is open: the one that was just answered, and the one that the host has led to
// (web/shared/ leading.ts), among those that wait for this voter where there are any.
void keep_what_matters(page_material& material) {
    auto& all = material.shown;
    const auto waits = [](const wire::page_poll& one) {
        return one.poll->status == domain::poll_status::open && !one.own;
    };
    const auto led = std::ranges::max_element(all, {}, [&](const wire::page_poll& one) {
        const auto& poll = *one.poll;
        const bool runs =
            poll.status == domain::poll_status::open || poll.status == domain::poll_status::paused;
        return std::tuple(waits(one), runs, runs ? poll.opened_at : poll.closed_at);
    });
    const bool answered =
        std::ranges::any_of(all, [](const auto& one) { return bool(one.notice); });
    const auto* kept = led != all.end() && (waits(*led) || !answered) ? led->poll : nullptr;
    const auto left_out = std::erase_if(
        all, [&](const wire::page_poll& one) { return !one.notice && one.poll != kept; });
    material.is_part = left_out > 0;
}

asio::awaitable<void> gather(exchange& x, const app::joined& voter,
                             const std::optional<posted_vote>& posted, page_material& material) {
    const auto who = voter_of(voter);
    material.polls = app::open_polls(x.core, voter.event->id);
    for (const auto& poll : material.polls) {
        if (poll->status == domain::poll_status::archived) continue;
        wire::page_poll shown;
        shown.poll = poll.get();
        shown.idempotency_key = app::random_id();
        const auto own = co_await app::my_ballot(x.core, who, poll->id);
        if (own) shown.own = own->vote;
        auto results = co_await app::read_results(x.core, who, poll->id, 0);
        if (results) shown.results = &material.results.emplace_back(std::move(*results));
        if (posted && posted->form.poll == poll->id) {
            shown.notice = posted->notice;
            if (posted->notice.is_error) shown.filled = &posted->form;
        }
        material.shown.push_back(std::move(shown));
    }
    if (!wants_all(x)) keep_what_matters(material);
}

// Each arm a statement of its own: what a conditional expression awaits, g++ 12 destroys twice.
asio::awaitable<base::result<app::vote_receipt>> carry_out(exchange& x, const app::joined& voter,
                                                           const wire::page_ballot& form) {
    const base::result<app::caller> who = voter_of(voter);
    if (form.withdraw) {
        auto work = app::withdraw_vote(x.core, who, x.from, form.poll, form.key, x.limited);
        co_return co_await std::move(work);
    }
    std::vector<std::string_view> views;
    auto work =
        app::cast_vote(x.core, who, x.from, form.poll, form.form(views), form.key, x.limited);
    co_return co_await std::move(work);
}

asio::awaitable<response> event_page(exchange& x, const app::joined& voter,
                                     const std::optional<posted_vote>& posted) {
    page_material material;
    co_await gather(x, voter, posted, material);
    const std::string all = '/' + voter.event->code + "?all";
    const std::string action = wants_all(x) ? all : '/' + voter.event->code;
    std::optional<wire::page_notice> notice;
    if (auto text = x.core.flags.notice(); !text.empty())
        notice = wire::page_notice{std::move(text)};
    auto answer = page(
        x, wire::vote_page({*voter.event, material.shown, action, links_of(x), std::move(notice),
                            language_of(x), material.is_part ? all : std::string_view{}}));
    if (voter.token != x.credential) answer.extra += voter_cookies(x, voter);
    co_return answer;
}

// Whoever opens the page has joined: then a form sent twice is the same voter's ballot twice.
asio::awaitable<base::result<app::joined>> join_by_path(exchange& x) {
    const auto code = wire::decode_segment(x.path[0]);
    if (!code) co_return app::event_not_found();
    take_cookie_of_the_code(x, *code);
    co_return co_await app::join_event(x.core, x.credential, x.from, *code, x.limited);
}

response join_refused(exchange& x, const base::failure& why) {
    if (why.code == base::errc::event_not_found) return no_such_code(x, x.path[0]);
    auto refused = problem(x, why);
    auto told = start_page(x, x.path[0], wire::page_notice{why.detail, true}, refused.status);
    told.extra += refused.extra;
    return told;
}

}  // namespace

asio::awaitable<response> get_start_page(exchange& x) { co_return start_page(x, {}, {}); }

asio::awaitable<response> post_start_page(exchange& x) {
    x.limited = x.core.limits.join(x.from, x.core.clock.mono());
    if (!x.limited.allowed) co_return too_many(x);
    const auto typed = wire::read_page_code(x.req.body);
    const auto code = typed ? domain::folded_code(*typed) : std::nullopt;
    const auto event = code ? x.core.catalog.event_with_code(*code) : nullptr;
    if (!event) co_return no_such_code(x, typed ? *typed : std::string{});
    response answer = page(x, {}, 303);
    answer.content_type = {};
    answer.extra += "Location: /" + event->code + "\r\n";
    co_return answer;
}

// The screen of no event: the desk has the links of all of them.
asio::awaitable<response> get_no_presenter(exchange&) {
    response answer;
    answer.status = 303;
    answer.content_type = {};
    answer.extra = "Location: /studio\r\n";
    co_return answer;
}

asio::awaitable<response> get_event_page(exchange& x) {
    // Who only looks at the head, as a link preview does, has not come to vote.
    if (x.req.method == boost::beast::http::verb::head) co_return page(x, {});
    const auto voter = co_await join_by_path(x);
    if (!voter) co_return join_refused(x, voter.error());
    co_return co_await event_page(x, *voter, {});
}

asio::awaitable<response> post_event_page(exchange& x) {
    const auto voter = co_await join_by_path(x);
    if (!voter) co_return join_refused(x, voter.error());
    const auto form = wire::read_page_ballot(x.req.body);
    if (!form) co_return problem(x, form.error());
    // Counted only for who was known before: a form sent twice would be two new voters' ballots.
    posted_vote posted{
        *form,
        {x.credential.empty()
             ? "This page needs cookies to know you again. Please allow them, and vote once more."
             : "Your visit had run out. Please vote once more.",
         true}};
    if (!form->unfit.empty()) {
        posted.notice = {form->unfit, true};
    } else if (voter->token == x.credential) {
        auto work = carry_out(x, *voter, *form);
        const auto receipt = co_await std::move(work);
        posted.notice = notice_of(receipt);
    }
    co_return co_await event_page(x, *voter, posted);
}

asio::awaitable<response> get_page_style(exchange&) {
    response answer = ok(std::string(wire::page_css()));
    answer.content_type = "text/css; charset=utf-8";
    answer.cache_control = "public, max-age=3600";
    co_return answer;
}

asio::awaitable<response> get_openapi(exchange&) {
    response answer = ok(std::string(openapi_text()));
    answer.content_type = "application/yaml";
    answer.cache_control = "public, max-age=3600";
    co_return answer;
}

asio::awaitable<response> get_docs(exchange& x) {
    std::string html =
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Tallycast "
        "API</title>"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
        "<link rel=\"stylesheet\" href=\"/page.css\"><link rel=\"icon\" "
        "href=\"data:,\"></head><body><main><h1>Tallycast API</h1>"
        "<p>The whole description is <a href=\"/openapi.yaml\">openapi.yaml</a> (OpenAPI 3.1). The "
        "routes:</p><ul>";
    for (const auto& route : public_routes()) {
        html.append("<li><code>").append(boost::beast::http::to_string(route.method)).append(" ");
        html.append(route.pattern).append("</code></li>");
    }
    html += "</ul></main></body></html>";
    auto answer = page(x, std::move(html));
    answer.cache_control = "public, max-age=3600";
    co_return answer;
}

}  // namespace tallycast::net
