#pragma once
// What the app counts. Implementations are cheap on the calling core (no lock, no hashing) and
// folded when read. Any thread.

#include <cstdint>

namespace tallycast::ports {

enum class count : std::uint8_t {
    votes_received = 0,  // ballots that arrived, before anything was looked at
    votes_counted,
    votes_changed,
    votes_replayed,
    votes_withdrawn,
    votes_rejected_invalid,
    votes_rejected_unauthorised,
    votes_rejected_not_open,
    votes_rejected_late,
    votes_rejected_already_voted,
    votes_rejected_limited,
    votes_rejected_overloaded,
    votes_rejected_store,
    joins,
    snapshots_published,
    messages_sent,
    messages_superseded,
    http_requests,
    http_refused_malformed,
    connections_accepted,
    connections_refused,
    deadlines_missed,
    store_groups,
    store_commits,
    store_failures,
    store_applied_again,  // ballots a replaced primary did not have
    results_requests,
    count_  // how many there are
};

enum class gauge : std::uint8_t {
    http_connections = 0,
    websocket_connections,
    sse_connections,
    store_queue,
    store_ready,
    draining,
    count_
};

// Seconds.
enum class timing : std::uint8_t { vote_answer = 0, store_commit, request, count_ };

class meter {
public:
    virtual ~meter() = default;
    virtual void add(count what, std::uint64_t by = 1) = 0;
    virtual void move(gauge what, std::int64_t by) = 0;
    virtual void observe(timing what, double seconds) = 0;
};

}  // namespace tallycast::ports
