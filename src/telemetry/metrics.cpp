#include <tallycast/telemetry/metrics.hpp>

#include "families.hpp"
#include "meter_block.hpp"
#include "process_families.hpp"

#include <prometheus/collectable.h>
#include <prometheus/text_serializer.h>

#include <deque>
#include <iterator>
#include <mutex>
#include <thread>

namespace tallycast::telemetry {

namespace {

using ports::count;
using ports::gauge;
using ports::timing;
using prometheus::MetricFamily;

struct labelled_count {
    count what;
    const char* label;
};

constexpr std::array outcomes{
    labelled_count{count::votes_counted, "counted"},
    labelled_count{count::votes_changed, "changed"},
    labelled_count{count::votes_replayed, "replayed"},
    labelled_count{count::votes_withdrawn, "withdrawn"},
};

constexpr std::array reasons{
    labelled_count{count::votes_rejected_invalid, "invalid"},
    labelled_count{count::votes_rejected_unauthorised, "unauthorised"},
    labelled_count{count::votes_rejected_not_open, "not_open"},
    labelled_count{count::votes_rejected_late, "late"},
    labelled_count{count::votes_rejected_already_voted, "already_voted"},
    labelled_count{count::votes_rejected_limited, "limited"},
    labelled_count{count::votes_rejected_overloaded, "overloaded"},
    labelled_count{count::votes_rejected_store, "store"},
};

struct named_count {
    count what;
    const char* name;
    const char* help;
};

constexpr std::array plain_counts{
    named_count{count::votes_received, "tallycast_votes_received_total", "Ballots that arrived."},
    named_count{count::joins, "tallycast_joins_total", "Voters who joined an event."},
    named_count{count::snapshots_published, "tallycast_snapshots_published_total",
                "Result snapshots taken over."},
    named_count{count::messages_sent, "tallycast_messages_sent_total",
                "Messages sent to live connections."},
    named_count{count::messages_superseded, "tallycast_messages_superseded_total",
                "Messages dropped for a newer one before a slow reader took them."},
    named_count{count::http_requests, "tallycast_http_requests_total", "HTTP requests answered."},
    named_count{count::http_refused_malformed, "tallycast_http_refused_malformed_total",
                "HTTP requests refused before they were understood."},
    named_count{count::connections_accepted, "tallycast_connections_accepted_total",
                "Connections accepted."},
    named_count{count::connections_refused, "tallycast_connections_refused_total",
                "Connections refused because the node was full."},
    named_count{count::deadlines_missed, "tallycast_deadlines_missed_total",
                "Connections closed because a client or the store was too slow."},
    named_count{count::store_groups, "tallycast_store_groups_total",
                "Groups of votes sent to the store."},
    named_count{count::store_commits, "tallycast_store_commits_total", "Commits of the store."},
    named_count{
        count::store_applied_again, "tallycast_store_applied_again_total",
        "Acknowledged ballots that a replaced primary of Redis did not have and was given again."},
    named_count{count::store_failures, "tallycast_store_failures_total",
                "Writes the store could not make."},
    named_count{count::results_requests, "tallycast_results_requests_total",
                "Requests for results."},
};

struct named_gauge {
    gauge what;
    const char* name;
    const char* help;
};

constexpr std::array plain_gauges{
    named_gauge{gauge::store_queue, "tallycast_store_queue", "Commands waiting for the store."},
    named_gauge{gauge::store_ready, "tallycast_store_ready",
                "1 while the store takes votes, else 0."},
    named_gauge{gauge::draining, "tallycast_draining",
                "1 while the node sends its clients away, else 0."},
};

struct named_timing {
    timing what;
    const char* name;
    const char* help;
};

constexpr std::array timings{
    named_timing{timing::vote_answer, "tallycast_vote_answer_seconds",
                 "From a ballot's arrival to its answer."},
    named_timing{timing::store_commit, "tallycast_store_commit_seconds",
                 "One commit of the store."},
    named_timing{timing::request, "tallycast_request_seconds",
                 "From a request's arrival to its answer."},
};

// Every count and gauge there is has a place on the page.
static_assert(outcomes.size() + reasons.size() + plain_counts.size() == count_kinds);
static_assert(plain_gauges.size() + 3 == gauge_kinds);
static_assert(timings.size() == timing_kinds);

std::uint64_t next_instance() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

}  // namespace

class metrics::pages final : public prometheus::Collectable {
public:
    explicit pages(std::string_view version) : version_(version) {}

    // The calling thread's block. A thread that has the id of one that ended goes on with its
    // block.
    meter_block& block_of_this_thread() {
        const std::lock_guard lock(mutex_);
        for (auto& held : blocks_)
            if (held.owner == std::this_thread::get_id()) return held.block;
        return blocks_.emplace_back(std::this_thread::get_id()).block;
    }

    template <class Read>
    std::uint64_t sum(Read read) const {
        const std::lock_guard lock(mutex_);
        std::uint64_t all = 0;
        for (const auto& held : blocks_) all += read(held.block).read();
        return all;
    }

    std::uint64_t total(count what) const {
        return sum([=](const meter_block& b) -> auto& {
            return b.counts[static_cast<std::size_t>(what)];
        });
    }

    std::int64_t level(gauge what) const {
        return static_cast<std::int64_t>(sum([=](const meter_block& b) -> auto& {
            return b.gauges[static_cast<std::size_t>(what)];
        }));
    }

    // Outcomes are read first, so that a ballot decided meanwhile can only look as if still under
    // way.
    std::int64_t ledger_mismatch() const {
        std::uint64_t decided = 0;
        for (const auto& o : outcomes) decided += total(o.what);
        for (const auto& r : reasons) decided += total(r.what);
        return static_cast<std::int64_t>(total(count::votes_received) - decided);
    }

    std::vector<MetricFamily> Collect() const override {
        std::vector<MetricFamily> all;
        all.push_back(labelled("tallycast_votes_total", "Ballots accepted, by what became of them.",
                               "outcome", outcomes));
        all.push_back(labelled("tallycast_votes_rejected_total", "Ballots refused, by reason.",
                               "reason", reasons));
        all.push_back(
            one_gauge("tallycast_ledger_mismatch",
                      "Ballots received less ballots with an outcome: those under way; 0 at rest.",
                      static_cast<double>(ledger_mismatch())));
        for (const auto& c : plain_counts) {
            all.push_back(counter_family(c.name, c.help));
            add_sample(all.back(), static_cast<double>(total(c.what)));
        }
        all.push_back(connections());
        for (const auto& g : plain_gauges)
            all.push_back(one_gauge(g.name, g.help, static_cast<double>(level(g.what))));
        for (const auto& t : timings) all.push_back(histogram(t));
        all.push_back(gauge_family("tallycast_build_info", "Which build this is."));
        add_sample(all.back(), 1, {{"version", version_}});
        auto process = process_families();
        std::move(process.begin(), process.end(), std::back_inserter(all));
        return all;
    }

private:
    struct held_block {
        explicit held_block(std::thread::id id) : owner(id) {}
        std::thread::id owner;
        meter_block block;
    };

    template <std::size_t N>
    MetricFamily labelled(const char* name, const char* help, const char* label,
                          const std::array<labelled_count, N>& counts) const {
        MetricFamily made = counter_family(name, help);
        for (const auto& c : counts)
            add_sample(made, static_cast<double>(total(c.what)), {{label, c.label}});
        return made;
    }

    static MetricFamily one_gauge(const char* name, const char* help, double value) {
        MetricFamily made = gauge_family(name, help);
        add_sample(made, value);
        return made;
    }

    MetricFamily connections() const {
        MetricFamily made = gauge_family("tallycast_connections", "Open connections.");
        const auto add = [&](gauge what, const char* transport) {
            add_sample(made, static_cast<double>(level(what)), {{"transport", transport}});
        };
        add(gauge::http_connections, "http");
        add(gauge::websocket_connections, "websocket");
        add(gauge::sse_connections, "sse");
        return made;
    }

    MetricFamily histogram(const named_timing& t) const {
        const auto which = static_cast<std::size_t>(t.what);
        prometheus::ClientMetric metric;
        std::uint64_t below = 0;
        for (std::size_t i = 0; i <= bucket_bounds.size(); ++i) {
            below +=
                sum([=](const meter_block& b) -> auto& { return b.timings[which].buckets[i]; });
            if (i < bucket_bounds.size())
                metric.histogram.bucket.push_back({below, bucket_bounds[i]});
        }
        metric.histogram.sample_count = below;
        metric.histogram.sample_sum = static_cast<double>(sum([=](const meter_block& b) -> auto& {
                                          return b.timings[which].nanoseconds;
                                      })) /
                                      1e9;
        MetricFamily made = family(t.name, t.help, prometheus::MetricType::Histogram);
        made.metric.push_back(std::move(metric));
        return made;
    }

    const std::string version_;
    mutable std::mutex mutex_;       // of the list, not of what the blocks hold
    std::deque<held_block> blocks_;  // never moves a block
};

metrics::metrics(std::string_view version)
    : instance_(next_instance()), pages_(std::make_unique<pages>(version)) {}
metrics::~metrics() = default;

meter_block& metrics::mine() {
    struct last_used {
        std::uint64_t instance = 0;
        meter_block* block = nullptr;
    };
    static thread_local last_used last;
    if (last.instance != instance_) last = {instance_, &pages_->block_of_this_thread()};
    return *last.block;
}

void metrics::add(ports::count what, std::uint64_t by) {
    mine().counts[static_cast<std::size_t>(what)].add(by);
}

void metrics::move(ports::gauge what, std::int64_t by) {
    mine().gauges[static_cast<std::size_t>(what)].add(static_cast<std::uint64_t>(by));
}

void metrics::observe(ports::timing what, double seconds) {
    mine().observe(static_cast<std::size_t>(what), seconds);
}

std::uint64_t metrics::total(ports::count what) const { return pages_->total(what); }
std::int64_t metrics::level(ports::gauge what) const { return pages_->level(what); }
std::int64_t metrics::ledger_mismatch() const { return pages_->ledger_mismatch(); }

std::string metrics::render() const {
    return prometheus::TextSerializer().Serialize(pages_->Collect());
}

}  // namespace tallycast::telemetry
