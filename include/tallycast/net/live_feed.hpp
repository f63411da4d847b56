#pragma once
// The live sessions of one core and the hub between them: what is published finds its subscribers,
// whoever watches a whole event hears of polls that open later, and voters who watch see what their
// votes show them, whichever way they voted. Single-threaded.

#include <tallycast/app/caller.hpp>
#include <tallycast/app/core.hpp>
#include <tallycast/app/results_hub.hpp>

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace tallycast::net {

class live_session;

class live_feed {
public:
    explicit live_feed(app::core& core, std::size_t subscriptions_each);

    void publish(const app::broadcast_ptr& message);
    void forget(const ports::change& what);
    void flush(base::mono_time now);
    // Takes over what the flags say now; `changed` is one of them.
    void heed(const domain::flag& changed);

    // What voters did on any core of this node.
    void tell(const std::vector<app::voter_news>& news);

    app::subscriber_id add(live_session& session);
    void remove(app::subscriber_id id);

    // How many sessions watch this event.
    std::size_t watching(const base::event_id& event) const;

    // From now on the session is told of every poll of the event that it may see.
    void watch_all(const base::event_id& event, live_session& session);
    void stop_watching_all(const base::event_id& event, live_session& session);

    // The session is a voter's from now on.
    void know_voter(const app::voter_caller& voter, live_session& session);
    void forget_voter(const app::voter_caller& voter, live_session& session);

    app::results_hub hub;

private:
    app::core& core_;
    std::vector<live_session*> sessions_;                      // by the subscriber's index
    std::unordered_map<base::event_id, std::size_t> present_;  // sessions of each event
    std::unordered_map<base::event_id, std::vector<live_session*>> watching_all_;
    std::unordered_multimap<std::uint64_t, live_session*> voters_;  // by event and number, hashed
};

}  // namespace tallycast::net
