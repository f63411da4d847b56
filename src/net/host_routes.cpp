#include <tallycast/app/join_event.hpp>
#include <tallycast/app/manage.hpp>
#include <tallycast/wire/csv.hpp>
#include <tallycast/wire/host_body.hpp>
#include <tallycast/wire/host_json.hpp>
#include <tallycast/wire/percent.hpp>

#include "paging.hpp"
#include "routes.hpp"

namespace tallycast::net {

namespace asio = boost::asio;

namespace {

response created(std::string body) {
    auto answer = ok(std::move(body));
    answer.status = 201;
    return answer;
}

response no_content() {
    response answer;
    answer.status = 204;
    answer.content_type = {};
    return answer;
}

response poll_answer(const exchange& x, const base::result<domain::poll>& poll,
                     unsigned status = 200) {
    if (!poll) return problem(x, poll.error());
    auto answer = ok(wire::write_poll(*poll));
    answer.status = status;
    return answer;
}

// Host routes come after voters: when little is left, they wait.
base::result<app::caller> host_caller_of(exchange& x) {
    if (!x.core.admits(app::work::host)) {
        base::failure f{base::errc::overloaded, "The node is busy; votes go first."};
        f.retry_after = x.core.admission.retry_after();
        return f;
    }
    return host_of(x);
}

base::poll_id poll_in(const exchange& x) { return base::poll_id{x.path[0]}; }
base::event_id event_in(const exchange& x) { return base::event_id{x.path[0]}; }

}  // namespace

asio::awaitable<response> post_event(exchange& x) {
    const auto who = host_caller_of(x);
    if (!who) co_return problem(x, who.error());
    if (!has_json_body(x)) co_return wrong_media_type(x);
    auto body = wire::read_event_create(x.req.body);
    if (!body) co_return problem(x, body.error());
    auto work = app::create_event(x.core, *who, std::move(body->title), std::move(body->code),
                                  std::move(body->settings));
    const auto event = co_await std::move(work);
    if (!event) co_return problem(x, event.error());
    co_return created(wire::write_event(*event));
}

asio::awaitable<response> list_events(exchange& x) {
    const auto who = host_caller_of(x);
    if (!who) co_return problem(x, who.error());
    const auto tenant = app::tenant_of(*who);
    if (!tenant) co_return problem(x, tenant.error());
    co_return list_page(x, x.core.catalog.events_of(*tenant), wire::write_event);
}

asio::awaitable<response> patch_event(exchange& x) {
    const auto who = host_caller_of(x);
    if (!who) co_return problem(x, who.error());
    if (!has_json_body(x)) co_return wrong_media_type(x);
    auto patch = wire::read_event_patch(x.req.body);
    if (!patch) co_return problem(x, patch.error());
    auto work = app::change_event(x.core, *who, event_in(x), std::move(*patch));
    const auto event = co_await std::move(work);
    if (!event) co_return problem(x, event.error());
    co_return ok(wire::write_event(*event));
}

asio::awaitable<response> delete_event(exchange& x) {
    const auto who = host_caller_of(x);
    if (!who) co_return problem(x, who.error());
    const auto gone = co_await app::delete_event(x.core, *who, event_in(x));
    if (!gone) co_return problem(x, gone.error());
    co_return no_content();
}

asio::awaitable<response> post_watcher(exchange& x) {
    const auto who = host_caller_of(x);
    if (!who) co_return problem(x, who.error());
    if (!x.req.body.empty() && !has_json_body(x)) co_return wrong_media_type(x);
    const auto body = wire::read_watcher_request(x.req.body);
    if (!body) co_return problem(x, body.error());
    const auto token = app::make_watcher(x.core, *who, event_in(x), body->ttl);
    if (!token) co_return problem(x, token.error());
    co_return created(wire::write_watcher(*token, x.core.clock.wall() + body->ttl));
}

asio::awaitable<response> post_poll(exchange& x) {
    const auto who = host_caller_of(x);
    if (!who) co_return problem(x, who.error());
    if (!has_json_body(x)) co_return wrong_media_type(x);
    auto body = wire::read_poll_create(x.req.body);
    if (!body) co_return problem(x, body.error());
    auto work = app::create_poll(x.core, *who, event_in(x), std::move(*body));
    const auto poll = co_await std::move(work);
    co_return poll_answer(x, poll, 201);
}

asio::awaitable<response> list_polls(exchange& x) {
    const auto who = host_caller_of(x);
    if (!who) co_return problem(x, who.error());
    const auto event = app::own_event(x.core, *who, event_in(x));
    if (!event) co_return problem(x, event.error());
    co_return list_page(x, x.core.catalog.polls_of((*event)->id), wire::write_poll);
}

asio::awaitable<response> get_poll(exchange& x) {
    const auto who = host_caller_of(x);
    if (!who) co_return problem(x, who.error());
    const auto poll = app::own_poll(x.core, *who, poll_in(x));
    if (!poll) co_return problem(x, poll.error());
    co_return ok(wire::write_poll(**poll));
}

asio::awaitable<response> patch_poll(exchange& x) {
    const auto who = host_caller_of(x);
    if (!who) co_return problem(x, who.error());
    if (!has_json_body(x)) co_return wrong_media_type(x);
    auto patch = wire::read_poll_patch(x.req.body);
    if (!patch) co_return problem(x, patch.error());
    auto work = app::change_poll(x.core, *who, poll_in(x), std::move(*patch));
    const auto poll = co_await std::move(work);
    co_return poll_answer(x, poll);
}

asio::awaitable<response> delete_poll(exchange& x) {
    const auto who = host_caller_of(x);
    if (!who) co_return problem(x, who.error());
    const auto gone = co_await app::delete_poll(x.core, *who, poll_in(x));
    if (!gone) co_return problem(x, gone.error());
    co_return no_content();
}

asio::awaitable<response> move_poll(exchange& x) {
    const auto who = host_caller_of(x);
    if (!who) co_return problem(x, who.error());
    const auto step = domain::transition_of(x.req.path.substr(x.req.path.rfind('/') + 1));
    if (!x.req.body.empty() && !has_json_body(x)) co_return wrong_media_type(x);
    const auto options = wire::read_open_options(x.req.body);
    if (!options) co_return problem(x, options.error());
    if (options->duration && *step != domain::transition::open)
        co_return problem(x, {base::errc::unknown_field, "duration_ms belongs to open."});
    const auto poll = co_await app::move_poll(x.core, *who, poll_in(x), *step, options->duration);
    co_return poll_answer(x, poll);
}

asio::awaitable<response> get_ledger(exchange& x) {
    const auto who = host_caller_of(x);
    if (!who) co_return problem(x, who.error());
    const auto round = round_of(x);
    if (!round)
        co_return problem(x, {base::errc::invalid_request, "round: a number from 1 is needed."});
    const auto view = co_await app::read_ledger(x.core, *who, poll_in(x), *round);
    if (!view) co_return problem(x, view.error());
    co_return ok(wire::write_ledger(view->ledger, poll_in(x), view->round));
}

namespace {

// An export, a page of ballots at a time: what is asked of the store never depends on the
// audience's size.
class export_source final : public body_source {
public:
    export_source(app::core& core, app::poll_ptr poll, std::uint32_t round,
                  wire::export_format format)
        : core_(core), poll_(std::move(poll)), round_(round), format_(format) {}

    // The first page, asked for while the answer may still be an error.
    asio::awaitable<base::result<void>> begin() {
        auto work = page();
        first_ = co_await std::move(work);
        if (!*first_) co_return first_->error();
        co_return base::result<void>();
    }

    asio::awaitable<std::optional<std::string>> next() override {
        if (first_) {
            auto text = std::move(first_->value());
            first_.reset();
            co_return text;
        }
        if (done_) co_return std::nullopt;
        auto work = page();
        auto text = co_await std::move(work);
        // The answer has begun; breaking it off is the only way left to say that it is not whole.
        if (!text) throw std::runtime_error("export broke off: " + text.error().detail);
        co_return std::move(*text);
    }

private:
    asio::awaitable<base::result<std::string>> page() {
        auto work = core_.votes.ballots(poll_->id, round_, after_, page_size);
        const auto page = co_await std::move(work);
        if (!page) co_return page.error();
        std::string text =
            after_.value == 0 ? wire::export_header(format_, page->definition) : std::string{};
        for (const auto& kept : page->ballots)
            wire::append_export_row(text, format_, page->definition, round_, kept.voter, kept.vote);
        if (!page->ballots.empty()) after_ = page->ballots.back().voter;
        done_ = !page->more;
        co_return text;
    }

    static constexpr std::size_t page_size = 1000;
    app::core& core_;
    app::poll_ptr poll_;
    std::uint32_t round_;
    wire::export_format format_;
    base::voter_number after_{};
    std::optional<base::result<std::string>> first_;
    bool done_ = false;
};

std::optional<wire::export_format> export_format_of(const exchange& x) {
    const auto query = wire::read_query(x.req.query);
    if (!query) return std::nullopt;
    for (const auto& [name, value] : *query) {
        if (name != "format") continue;
        if (value == "csv") return wire::export_format::csv;
        if (value == "ndjson") return wire::export_format::ndjson;
        return std::nullopt;
    }
    return wire::export_format::csv;
}

}  // namespace

asio::awaitable<response> get_export(exchange& x) {
    const auto who = host_caller_of(x);
    if (!who) co_return problem(x, who.error());
    const auto poll = app::own_poll(x.core, *who, poll_in(x));
    if (!poll) co_return problem(x, poll.error());
    const auto format = export_format_of(x);
    if (!format) co_return problem(x, {base::errc::invalid_request, "format: csv or ndjson."});
    const auto round = round_of(x);
    if (!round)
        co_return problem(x, {base::errc::invalid_request, "round: a number from 1 is needed."});
    if (!x.core.flags.on(domain::flag_id::exports))
        co_return problem(x, {base::errc::overloaded, "Exports are off at the moment."});
    if (!x.core.admits(app::work::export_))
        co_return problem(x, {base::errc::overloaded, "Votes go first."});
    const auto which = *round == 0 ? (*poll)->round : *round;
    auto source = std::make_unique<export_source>(x.core, *poll, which, *format);
    auto beginning = source->begin();
    const auto begun = co_await std::move(beginning);
    if (!begun) co_return problem(x, begun.error());
    response answer;
    const bool csv = *format == wire::export_format::csv;
    answer.content_type = csv ? "text/csv; charset=utf-8; header=present" : "application/x-ndjson";
    answer.extra = "Content-Disposition: attachment; filename=\"" + (*poll)->id.str() + "-round-" +
                   std::to_string(which) + (csv ? ".csv\"\r\n" : ".ndjson\"\r\n");
    answer.source = std::move(source);
    co_return answer;
}

}  // namespace tallycast::net
