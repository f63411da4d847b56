#pragma once
// What the app counts. Implementations are cheap on the calling core (no lock, no hashing) and
// folded when read. Any thread.

#include <tallycast/base/trace.hpp>

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
    connections_sent_away,  // to other nodes, by a rebalance
    deadlines_missed,
    tls_handshakes_failed,
    slow_readers,  // live connections closed because they did not take what they were sent
    store_groups,
    store_commits,
    store_failures,
    store_applied_again,  // ballots a replaced primary did not have
    store_links,          // opened, the first ones and every one after a break
    store_commands,       // sent over them
    store_calls_failed,   // no answer that counts: nothing was done, or nobody knows
    quota_leases,         // of tenants' tokens, asked of the store
    quota_leases_failed,  // in vain: this node counts for itself alone
    results_requests,
    shed_votes,  // work refused under pressure, in the order of app::work
    shed_joins,
    shed_results,
    shed_host,
    shed_exports,
    loop_busy_nanoseconds,  // CPU time of the I/O threads
    spans_exported,
    spans_dropped,
    flag_changes_results_rate,  // heard of, in the order of domain::flag_id
    flag_changes_sse,
    flag_changes_joins,
    flag_changes_exports,
    flag_changes_trace_share,
    flag_changes_maintenance_notice,
    count_  // how many there are
};

enum class gauge : std::uint8_t {
    http_connections = 0,
    websocket_connections,
    sse_connections,
    store_queue,
    draining,
    count_
};

// What a thread measures of itself now and then. The page shows one number of all threads: their
// sum, or the highest.
enum class level : std::uint8_t {
    vote_queue = 0,  // ballots waiting or under way
    vote_queue_limit,
    vote_queue_age,  // seconds the oldest of them has waited
    connection_limit,
    loops,
    loop_busy_ratio,  // of the last second
    pressure,         // as admission has it
    results_age,      // seconds the oldest counted ballot waits to be shown
    store_ready,
    certificate_end,  // seconds since 1970; 0: there is no certificate
    people_share,     // live connections, of the mean of all nodes; 0: nobody to compare with
    count_
};

// Seconds.
enum class timing : std::uint8_t {
    vote_answer = 0,
    store_commit,
    request,
    results_shown,    // from a counted ballot to the snapshot that shows it
    results_written,  // from a snapshot to the last byte of it handed to a reader's socket
    loop_delay,       // how late a thread's regular tick came
    store_round_trip,
    count_
};

enum class size : std::uint8_t { vote_group = 0, count_ };

class meter {
public:
    virtual ~meter() = default;
    virtual void add(count what, std::uint64_t by = 1) = 0;
    virtual void move(gauge what, std::int64_t by) = 0;
    virtual void set(level what, double value) = 0;  // of the calling thread
    virtual void observe(timing what, double seconds) = 0;
    // The same of work that is traced: who looks at the time later may want to see that trace.
    virtual void observe(timing what, double seconds, const base::trace_context&) {
        observe(what, seconds);
    }
    virtual void observe(size what, std::uint64_t count) = 0;
};

}  // namespace tallycast::ports
