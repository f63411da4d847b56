#include <tallycast/net/live_feed.hpp>

#include <tallycast/domain/fingerprint.hpp>
#include <tallycast/net/broadcast.hpp>
#include <tallycast/net/live_session.hpp>
#include <tallycast/wire/ws_frame.hpp>

#include <algorithm>

namespace tallycast::net {

namespace {

std::uint64_t key_of(const base::event_id& event, base::voter_number number) {
    return domain::mix(event.str(), number.value);
}

}  // namespace

live_feed::live_feed(app::core& core, std::size_t subscriptions_each)
    : hub(subscriptions_each), core_(core) {}

void live_feed::publish(const app::broadcast_ptr& message) {
    if (message->kind == app::broadcast_kind::poll) {
        const auto poll = core_.catalog.poll(message->poll);
        const auto at = poll ? watching_all_.find(poll->event) : watching_all_.end();
        if (at != watching_all_.end())
            for (auto* session : at->second) session->meet(poll);
    }
    hub.publish(message, core_.clock.mono(),
                [this](app::subscriber_id id) { sessions_[id.index]->pump(); });
}

void live_feed::forget(const ports::change& what) {
    if (const auto* poll = std::get_if<ports::poll_removed>(&what)) {
        hub.forget(poll->id);
        const auto last_word = last_word_on(poll->id);
        for (auto* session : sessions_)
            if (session != nullptr && session->event() == poll->event) session->lose(last_word);
    }
    if (const auto* event = std::get_if<ports::event_removed>(&what))
        for (auto* session : sessions_)
            if (session != nullptr && session->event() == event->id)
                session->leave(wire::ws_code::tallycast_protocol, "the event is gone");
}

void live_feed::flush(base::mono_time now) {
    hub.flush(now, [this](app::subscriber_id id) { sessions_[id.index]->pump(); });
}

void live_feed::heed(const domain::flag& changed) {
    hub.slow_to(core_.flags.number(domain::flag_id::results_rate));
    if (changed.which != domain::flag_id::maintenance_notice) return;
    const auto notice = notice_of(core_.flags.notice());
    for (auto* session : sessions_)
        if (session != nullptr) session->announce(notice);
}

void live_feed::tell(const std::vector<app::voter_news>& news) {
    if (voters_.empty()) return;
    for (const auto& one : news) {
        const auto [begin, end] = voters_.equal_range(key_of(one.event, one.voter));
        for (auto at = begin; at != end; ++at) at->second->hear(one);
    }
}

void live_feed::know_voter(const app::voter_caller& voter, live_session& session) {
    voters_.emplace(key_of(voter.event, voter.number), &session);
}

void live_feed::forget_voter(const app::voter_caller& voter, live_session& session) {
    const auto [begin, end] = voters_.equal_range(key_of(voter.event, voter.number));
    const auto at = std::find_if(begin, end, [&](auto& known) { return known.second == &session; });
    if (at != end) voters_.erase(at);
}

app::subscriber_id live_feed::add(live_session& session) {
    const auto id = hub.add();
    if (sessions_.size() <= id.index) sessions_.resize(id.index + 1);
    sessions_[id.index] = &session;
    ++present_[session.event()];
    return id;
}

std::size_t live_feed::watching(const base::event_id& event) const {
    const auto at = present_.find(event);
    return at == present_.end() ? 0 : at->second;
}

void live_feed::remove(app::subscriber_id id) {
    hub.remove(id);
    const auto present = present_.find(sessions_[id.index]->event());
    if (--present->second == 0) present_.erase(present);
    sessions_[id.index] = nullptr;
}

void live_feed::watch_all(const base::event_id& event, live_session& session) {
    auto& watching = watching_all_[event];
    if (std::ranges::find(watching, &session) == watching.end()) watching.push_back(&session);
}

void live_feed::stop_watching_all(const base::event_id& event, live_session& session) {
    const auto at = watching_all_.find(event);
    if (at == watching_all_.end()) return;
    std::erase(at->second, &session);
    if (at->second.empty()) watching_all_.erase(at);
}

}  // namespace tallycast::net
