#include <tallycast/app/see_event.hpp>

namespace tallycast::app {

namespace asio = boost::asio;

namespace {

bool hosts(core& on, const caller& who, const domain::poll& poll) {
    const auto event = on.catalog.event(poll.event);
    return event && sees_as_host(who, *event);
}

// Another tenant's host is told that there is nothing; voters, watchers and strangers are no
// tenants.
bool is_foreign_host(const caller& who, const base::tenant_id& tenant) {
    const auto* host = std::get_if<host_caller>(&who);
    return host != nullptr && host->tenant != tenant;
}

}  // namespace

std::vector<poll_ptr> open_polls(core& on, const base::event_id& event) {
    auto polls = on.catalog.polls_of(event);
    std::erase_if(polls, [](const poll_ptr& p) { return p->status == domain::poll_status::draft; });
    return polls;
}

asio::awaitable<domain::viewer> viewer_of(core& on, caller who, poll_ptr poll) {
    if (hosts(on, who, *poll)) co_return domain::viewer::host;
    const auto* voter = std::get_if<voter_caller>(&who);
    const bool depends = poll->definition.results == domain::visibility::after_vote;
    if (voter == nullptr || !depends || voter->event != poll->event)
        co_return domain::viewer::other;
    const auto kept = co_await on.votes.ballot_of(poll->id, voter->number);
    co_return kept ? domain::viewer::voted : domain::viewer::other;
}

asio::awaitable<base::result<event_view>> see_event(core& on, caller who, base::event_id id) {
    event_view view{on.catalog.event(id), {}, {}, false};
    if (!view.event || is_foreign_host(who, view.event->tenant)) co_return event_not_found();
    const bool as_host = sees_as_host(who, *view.event);
    view.polls = as_host ? on.catalog.polls_of(id) : open_polls(on, id);
    view.personal = as_host;
    for (const auto& poll : view.polls) {
        const auto newest = on.catalog.results(poll->id);
        if (!newest) continue;
        const auto viewer = co_await viewer_of(on, who, poll);
        view.personal |= poll->definition.results == domain::visibility::after_vote;
        if (domain::visible(poll->definition.results, poll->status, viewer))
            view.results.push_back(newest);
    }
    co_return view;
}

asio::awaitable<base::result<domain::results>> read_results(core& on, caller who, base::poll_id id,
                                                            std::uint32_t round) {
    const auto poll = on.catalog.poll(id);
    if (!poll || is_foreign_host(who, poll->tenant)) co_return poll_not_found();
    const auto viewer = co_await viewer_of(on, who, poll);
    const bool as_host = viewer == domain::viewer::host;
    if (poll->status == domain::poll_status::draft && !as_host) co_return poll_not_found();
    on.meter.add(ports::count::results_requests);
    auto results = co_await on.votes.results(id, round);
    if (!results) co_return results.error();
    // By the status the store tells, which may be newer than what this core has heard.
    const bool over = results->round != poll->round;
    if (!over) on.catalog.learn(*results);
    if (!as_host &&
        (over || !domain::visible(results->definition.results, results->status, viewer)))
        co_return base::failure{base::errc::results_hidden,
                                "The results of this poll are not shown now."};
    co_return std::move(*results);
}

}  // namespace tallycast::app
