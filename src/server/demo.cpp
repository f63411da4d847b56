#include <tallycast/server/demo.hpp>

#include <algorithm>
#include <vector>

namespace tallycast::server {

namespace {

constexpr std::string_view demo_title = "Tallycast demo";

domain::poll_definition definition(domain::poll_type type, std::string question,
                                   std::vector<domain::option> options, domain::rules rules) {
    domain::poll_definition d;
    d.type = type;
    d.question = std::move(question);
    d.options = std::move(options);
    d.rules = rules;
    return d;
}

std::vector<domain::poll_definition> demo_polls() {
    domain::rules once{1, 1, true, {}};
    domain::rules some{1, 3, true, {}};
    domain::rules stars{1, 1, true, 5};
    return {definition(domain::poll_type::single, "Which act was best?",
                       {{"a", "The brass band"}, {"b", "The jugglers"}, {"c", "The choir"}}, once),
            definition(domain::poll_type::multiple, "What should come back next year?",
                       {{"a", "Dancing"}, {"b", "Magic"}, {"c", "Poetry"}, {"d", "Puppets"}}, some),
            definition(domain::poll_type::rating, "How was the evening?", {}, stars)};
}

app::use_case<domain::poll> open_new_poll(app::core& on, const app::caller& host,
                                          const base::event_id& event,
                                          domain::poll_definition wanted) {
    auto checked = domain::checked(std::move(wanted));
    if (!checked) co_return checked.error();
    auto work = app::create_poll(on, host, event, std::move(*checked));
    const auto poll = co_await std::move(work);
    if (!poll) co_return poll.error();
    co_return co_await app::move_poll(on, host, poll->id, domain::transition::open, {});
}

}  // namespace

app::use_case<demo_event> make_demo(app::core& on, base::tenant_id tenant) {
    const auto events = on.catalog.events_of(tenant);
    const auto at = std::ranges::find(
        events, demo_title, [](const app::event_ptr& e) -> std::string_view { return e->title; });
    if (at != events.end()) {
        const auto polls = on.catalog.polls_of((*at)->id);
        if (!polls.empty()) co_return demo_event{(*at)->id, (*at)->code, polls.front()->id};
    }
    const app::caller host = app::host_caller{tenant, {}};
    auto work = app::create_event(on, host, std::string(demo_title), {}, {});
    const auto event = co_await std::move(work);
    if (!event) co_return event.error();
    demo_event made{event->id, event->code, {}};
    for (auto& wanted : demo_polls()) {
        auto opening = open_new_poll(on, host, event->id, std::move(wanted));
        const auto poll = co_await std::move(opening);
        if (!poll) co_return poll.error();
        if (made.poll.empty()) made.poll = poll->id;
    }
    co_return made;
}

}  // namespace tallycast::server
