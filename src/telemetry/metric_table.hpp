#pragma once
// What stands on the Prometheus page under which name; pure data. Every kind that ports::meter
// knows has its place here, or this does not compile.

#include "meter_block.hpp"

#include <tallycast/ports/meter.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace tallycast::telemetry {

struct labelled_count {
    ports::count what;
    const char* label;
};

inline constexpr std::array outcomes{
    labelled_count{ports::count::votes_counted, "counted"},
    labelled_count{ports::count::votes_changed, "changed"},
    labelled_count{ports::count::votes_replayed, "replayed"},
    labelled_count{ports::count::votes_withdrawn, "withdrawn"},
};

inline constexpr std::array reasons{
    labelled_count{ports::count::votes_rejected_invalid, "invalid"},
    labelled_count{ports::count::votes_rejected_unauthorised, "unauthorised"},
    labelled_count{ports::count::votes_rejected_not_open, "not_open"},
    labelled_count{ports::count::votes_rejected_late, "late"},
    labelled_count{ports::count::votes_rejected_already_voted, "already_voted"},
    labelled_count{ports::count::votes_rejected_limited, "limited"},
    labelled_count{ports::count::votes_rejected_overloaded, "overloaded"},
    labelled_count{ports::count::votes_rejected_store, "store"},
};

inline constexpr std::array shed{
    labelled_count{ports::count::shed_votes, "vote"},
    labelled_count{ports::count::shed_joins, "join"},
    labelled_count{ports::count::shed_results, "results"},
    labelled_count{ports::count::shed_host, "host"},
    labelled_count{ports::count::shed_exports, "export"},
};

inline constexpr std::array flag_changes{
    labelled_count{ports::count::flag_changes_results_rate, "results-rate"},
    labelled_count{ports::count::flag_changes_sse, "sse"},
    labelled_count{ports::count::flag_changes_joins, "joins"},
    labelled_count{ports::count::flag_changes_exports, "exports"},
    labelled_count{ports::count::flag_changes_trace_share, "trace-share"},
    labelled_count{ports::count::flag_changes_maintenance_notice, "maintenance-notice"},
};

struct named_count {
    ports::count what;
    const char* name;
    const char* help;
    double unit = 1;
};

inline constexpr std::array plain_counts{
    named_count{ports::count::votes_received, "tallycast_votes_received_total",
                "Ballots that arrived."},
    named_count{ports::count::joins, "tallycast_joins_total", "Voters who joined an event."},
    named_count{ports::count::snapshots_published, "tallycast_snapshots_published_total",
                "Result snapshots taken over."},
    named_count{ports::count::messages_sent, "tallycast_messages_sent_total",
                "Messages sent to live connections."},
    named_count{ports::count::messages_superseded, "tallycast_messages_superseded_total",
                "Messages dropped for a newer one before a slow reader took them."},
    named_count{ports::count::http_requests, "tallycast_http_requests_total",
                "HTTP requests answered."},
    named_count{ports::count::http_refused_malformed, "tallycast_http_refused_malformed_total",
                "HTTP requests refused before they were understood."},
    named_count{ports::count::connections_accepted, "tallycast_connections_accepted_total",
                "Connections accepted."},
    named_count{ports::count::connections_refused, "tallycast_connections_refused_total",
                "Connections refused because the node was full."},
    named_count{ports::count::connections_sent_away, "tallycast_connections_sent_away_total",
                "Live connections told to come back by a rebalance, to land on other nodes."},
    named_count{ports::count::deadlines_missed, "tallycast_deadlines_missed_total",
                "Connections closed because a client or the store was too slow."},
    named_count{ports::count::tls_handshakes_failed, "tallycast_tls_handshakes_failed_total",
                "TLS handshakes that did not come to an end."},
    named_count{ports::count::slow_readers, "tallycast_slow_readers_total",
                "Live connections closed because they did not take what they were sent."},
    named_count{ports::count::store_groups, "tallycast_store_groups_total",
                "Groups of votes sent to the store."},
    named_count{ports::count::store_commits, "tallycast_store_commits_total",
                "Commits of the store."},
    named_count{
        ports::count::store_applied_again, "tallycast_store_applied_again_total",
        "Acknowledged ballots that a replaced primary of Redis did not have and was given again."},
    named_count{ports::count::store_links, "tallycast_store_links_total",
                "Links to servers of Redis that were opened, at the start and after every break."},
    named_count{ports::count::store_commands, "tallycast_store_commands_total",
                "Commands sent to Redis."},
    named_count{ports::count::store_calls_failed, "tallycast_store_calls_failed_total",
                "Calls of Redis that had no answer in time, or were refused by a full queue."},
    named_count{ports::count::store_failures, "tallycast_store_failures_total",
                "Writes the store could not make."},
    named_count{ports::count::quota_leases, "tallycast_quota_leases_total",
                "Times the store was asked for tokens of tenants that its nodes share."},
    named_count{ports::count::quota_leases_failed, "tallycast_quota_leases_failed_total",
                "Times it did not answer, and the node counted for itself alone."},
    named_count{ports::count::results_requests, "tallycast_results_requests_total",
                "Requests for results."},
    named_count{ports::count::loop_busy_nanoseconds, "tallycast_loop_busy_seconds_total",
                "CPU time of the I/O threads; divided by tallycast_loops, how busy they are.",
                1e-9},
    named_count{ports::count::spans_exported, "tallycast_spans_exported_total",
                "Spans of traces that a collector has taken."},
    named_count{ports::count::spans_dropped, "tallycast_spans_dropped_total",
                "Spans dropped because the collector was slow, away or unwilling."},
};

struct named_gauge {
    ports::gauge what;
    const char* name;
    const char* help;
};

inline constexpr std::array plain_gauges{
    named_gauge{ports::gauge::store_queue, "tallycast_store_queue",
                "Commands waiting for the store."},
    named_gauge{ports::gauge::draining, "tallycast_draining",
                "1 while the node sends its clients away, else 0."},
};

enum class folded : std::uint8_t { sum, highest };

struct named_level {
    ports::level what;
    const char* name;
    const char* help;
    folded how;
    bool absent_at_zero = false;  // 0 says that there is nothing to measure
};

// In the order of ports::level.
inline constexpr std::array levels{
    named_level{ports::level::vote_queue, "tallycast_vote_queue",
                "Ballots that wait for the store's decision.", folded::sum},
    named_level{ports::level::vote_queue_limit, "tallycast_vote_queue_limit",
                "How many may wait before ballots are refused.", folded::sum},
    named_level{ports::level::vote_queue_age, "tallycast_vote_queue_age_seconds",
                "How long the oldest of them has waited.", folded::highest},
    named_level{ports::level::connection_limit, "tallycast_connections_limit",
                "How many connections the node takes.", folded::sum},
    named_level{ports::level::loops, "tallycast_loops", "I/O threads.", folded::sum},
    named_level{ports::level::loop_busy_ratio, "tallycast_loop_busiest_ratio",
                "How busy the busiest I/O thread was in the last second, from 0 to 1.",
                folded::highest},
    named_level{ports::level::pressure, "tallycast_pressure_ratio",
                "What admission goes by: work is shed from 0.5 on, votes from 1.", folded::highest},
    named_level{ports::level::results_age, "tallycast_results_age_seconds",
                "How long the oldest counted ballot has waited to be shown; 0 when all are.",
                folded::highest},
    named_level{ports::level::store_ready, "tallycast_store_ready",
                "1 while the store takes votes, else 0.", folded::sum},
    named_level{ports::level::certificate_end, "tallycast_tls_certificate_expiry_timestamp_seconds",
                "Until when the certificate is good that the node shows, since 1970.",
                folded::highest, true},
    named_level{ports::level::people_share, "tallycast_live_connections_share_ratio",
                "Live connections of this node, divided by the mean of all nodes on its store.",
                folded::highest, true},
};

struct named_timing {
    ports::timing what;
    const char* name;
    const char* help;
};

inline constexpr std::array timings{
    named_timing{ports::timing::vote_answer, "tallycast_vote_answer_seconds",
                 "From a ballot's arrival to its answer."},
    named_timing{ports::timing::store_commit, "tallycast_store_commit_seconds",
                 "One commit of the store."},
    named_timing{ports::timing::request, "tallycast_request_seconds",
                 "From a request's arrival to its answer."},
    named_timing{ports::timing::results_shown, "tallycast_results_shown_seconds",
                 "From a counted ballot to the snapshot that shows it, of each snapshot's oldest."},
    named_timing{ports::timing::results_written, "tallycast_results_written_seconds",
                 "From a snapshot's arrival to its last byte handed to a reader's socket."},
    named_timing{ports::timing::loop_delay, "tallycast_loop_delay_seconds",
                 "How late the regular tick of an I/O thread came."},
    named_timing{ports::timing::store_round_trip, "tallycast_store_round_trip_seconds",
                 "From a call of Redis to its last reply."},
};

struct named_size {
    ports::size what;
    const char* name;
    const char* help;
};

inline constexpr std::array sizes{
    named_size{ports::size::vote_group, "tallycast_vote_group_size",
               "Ballots that travelled to the store together."},
};

// Every count and gauge there is has a place on the page.
static_assert(outcomes.size() + reasons.size() + shed.size() + flag_changes.size() +
                  plain_counts.size() ==
              count_kinds);
static_assert(plain_gauges.size() + 3 == gauge_kinds);
static_assert(levels.size() == level_kinds);
static_assert([] {
    for (std::size_t i = 0; i < levels.size(); ++i)
        if (static_cast<std::size_t>(levels[i].what) != i) return false;
    return true;
}());
static_assert(timings.size() == timing_kinds);
static_assert(sizes.size() == size_kinds);

}  // namespace tallycast::telemetry
