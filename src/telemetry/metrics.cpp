#include <tallycast/telemetry/metrics.hpp>

#include "families.hpp"
#include "meter_block.hpp"
#include "metric_table.hpp"
#include "open_metrics.hpp"
#include "process_families.hpp"

#include <prometheus/collectable.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <iterator>
#include <mutex>
#include <thread>

namespace tallycast::telemetry {

namespace {

using ports::count;
using ports::gauge;
using prometheus::MetricFamily;

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

    double folded_level(const named_level& of) const {
        const std::lock_guard lock(mutex_);
        double all = 0;
        for (const auto& held : blocks_) {
            const double one = held.block.levels[static_cast<std::size_t>(of.what)].load(
                std::memory_order_relaxed);
            all = of.how == folded::sum ? all + one : std::max(all, one);
        }
        return all;
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
        all.push_back(labelled("tallycast_shed_total",
                               "Work refused because the node was busy, by class.", "class", shed));
        all.push_back(labelled("tallycast_flag_changes_total",
                               "Runtime flags that this node saw change, by flag.", "flag",
                               flag_changes));
        all.push_back(
            one_gauge("tallycast_ledger_mismatch",
                      "Ballots received less ballots with an outcome: those under way; 0 at rest.",
                      static_cast<double>(ledger_mismatch())));
        for (const auto& c : plain_counts) {
            all.push_back(counter_family(c.name, c.help));
            add_sample(all.back(), static_cast<double>(total(c.what)) * c.unit);
        }
        all.push_back(connections());
        for (const auto& g : plain_gauges)
            all.push_back(one_gauge(g.name, g.help, static_cast<double>(level(g.what))));
        for (const auto& l : levels) {
            const double value = folded_level(l);
            if (value != 0 || !l.absent_at_zero) all.push_back(one_gauge(l.name, l.help, value));
        }
        for (const auto& t : timings)
            all.push_back(histogram(
                t, bucket_bounds, 1e-9, [=](const meter_block& b) -> auto& {
                    return b.timings[static_cast<std::size_t>(t.what)];
                }));
        for (const auto& s : sizes)
            all.push_back(histogram(
                s, size_bounds, 1, [=](const meter_block& b) -> auto& {
                    return b.sizes[static_cast<std::size_t>(s.what)];
                }));
        all.push_back(gauge_family("tallycast_build_info", "Which build this is."));
        add_sample(all.back(), 1, {{"version", version_}});
        auto process = process_families();
        std::move(process.begin(), process.end(), std::back_inserter(all));
        return all;
    }

    exemplars_by_name exemplars() const {
        exemplars_by_name all;
        for (const auto& t : timings) {
            auto& of_buckets = all[t.name];
            for (std::size_t i = 0; i <= bucket_bounds.size(); ++i)
                of_buckets.push_back(newest_exemplar(static_cast<std::size_t>(t.what), i));
        }
        return all;
    }

private:
    struct held_block {
        explicit held_block(std::thread::id id) : owner(id) {}
        std::thread::id owner;
        meter_block block;
    };

    std::optional<exemplar> newest_exemplar(std::size_t kind, std::size_t bucket) const {
        const std::lock_guard lock(mutex_);
        std::optional<exemplar> newest;
        for (const auto& held : blocks_) {
            auto seen = held.block.exemplars.last(kind, bucket);
            if (seen && (!newest || seen->at > newest->at)) newest = seen;
        }
        return newest;
    }

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

    template <class Named, std::size_t N, class SlotsOf>
    MetricFamily histogram(const Named& of, const std::array<double, N>& bounds, double unit,
                           SlotsOf slots_of) const {
        prometheus::ClientMetric metric;
        std::uint64_t below = 0;
        for (std::size_t i = 0; i <= N; ++i) {
            below += sum([=](const meter_block& b) -> auto& { return slots_of(b).buckets[i]; });
            if (i < N) metric.histogram.bucket.push_back({below, bounds[i]});
        }
        metric.histogram.sample_count = below;
        metric.histogram.sample_sum = unit * static_cast<double>(sum([=
        ](const meter_block& b) -> auto& { return slots_of(b).sum; }));
        MetricFamily made = family(of.name, of.help, prometheus::MetricType::Histogram);
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

void metrics::set(ports::level what, double value) {
    mine().levels[static_cast<std::size_t>(what)].store(value, std::memory_order_relaxed);
}

void metrics::observe(ports::timing what, double seconds) {
    mine().observe(static_cast<std::size_t>(what), seconds);
}

void metrics::observe(ports::timing what, double seconds, const base::trace_context& in) {
    auto& block = mine();
    const auto kind = static_cast<std::size_t>(what);
    const auto bucket = block.observe(kind, seconds);
    if (!in.sampled) return;
    const auto now = std::chrono::floor<base::milliseconds>(std::chrono::system_clock::now());
    block.exemplars.put(kind, bucket, {in.trace, seconds, now});
}

void metrics::observe(ports::size what, std::uint64_t count) {
    mine().sizes[static_cast<std::size_t>(what)].count(size_bounds, static_cast<double>(count),
                                                       count);
}

std::uint64_t metrics::total(ports::count what) const { return pages_->total(what); }
std::int64_t metrics::level(ports::gauge what) const { return pages_->level(what); }
double metrics::value(ports::level what) const {
    return pages_->folded_level(levels[static_cast<std::size_t>(what)]);
}
std::int64_t metrics::ledger_mismatch() const { return pages_->ledger_mismatch(); }

std::string metrics::render() const {
    return prometheus::TextSerializer().Serialize(pages_->Collect());
}

std::string metrics::render_open_metrics() const {
    return open_metrics_page(pages_->Collect(), pages_->exemplars());
}

}  // namespace tallycast::telemetry
