#pragma once
// Results on their way to the node: hears what slices say of themselves, adds the slices of a poll
// up and tells the listener, at most so many times a second a poll. Nobody polls: a slice publishes
// when it moved and a tenth of a second has passed; when less has passed it hands the caller who
// moved it the duty to have it published, and tells every other node, one of which does it if the
// first has not after a second.
//
// Lives on the house's executor; one thread.

#include "bell.hpp"
#include "registry.hpp"
#include "slice_desk.hpp"

#include <tallycast/ports/clock.hpp>
#include <tallycast/ports/meter.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace tallycast::redis {

class announcer {
public:
    announcer(boost::asio::any_io_executor executor, registry& known, slice_desk& slices,
              std::size_t snapshots_per_second, const ports::clock& clock, ports::meter& meter);

    // settled: results that are over are told as final.
    void begin(ports::change_listener& listener, std::function<bool()> settled) {
        listener_ = &listener;
        settled_ = std::move(settled);
    }
    void tell(const ports::change& what);

    // What a slice said of itself, from a reply or from a channel; what is older than known is
    // dropped.
    void heard(slice_counts counts);
    // The same for what a call to all slices brought, told as one.
    void heard(const std::vector<slice_reply>& all);
    // This node is to have the slice published then.
    void flush_at(base::mono_time when, const base::poll_id& poll, std::uint16_t slice);
    // Another node is.
    void waits_elsewhere(const base::poll_id& poll, std::uint16_t slice);
    void forget(const base::poll_id& poll);

    // Begins to have published what is due. Called every few milliseconds.
    void tick();
    // Tells the last of everything that moved.
    boost::asio::awaitable<void> finish();

    // The version that the slice must be raised to, so that what it says is told: because a higher
    // one was told before a failover, or because the poll is over and was not told as final. None
    // when it need not be.
    std::optional<std::uint64_t> raised_version(const slice_counts& counts) const;

    // As far as the slices have been heard; null when one has not been.
    std::shared_ptr<const domain::results> known_results(const base::poll_id& poll) const;

    // Whether a slice is not known to have the poll in this revision.
    bool lags(const domain::poll& poll) const;

    // Once per use: a slice has a newer poll than this node knows.
    bool behind() { return std::exchange(behind_, false); }

private:
    struct due_flush {
        base::mono_time when;
        // Asked of us by a cast: only a flush of ours answers it. A snapshot that comes by itself
        // may have been published before what waits, and be late. One that waits elsewhere is told
        // on the same channel as the snapshot that ends its waiting, in order.
        bool ours = false;
    };
    struct watched {
        std::vector<std::optional<slice_counts>> seen;  // by slice
        std::map<std::uint16_t, due_flush> to_flush;
        std::optional<base::mono_time> told_at;
        std::uint64_t told_version = 0;
        std::uint32_t told_revision = 0;
        bool final_owed = false;  // told as over, but not as final
        bool waiting = false;     // it moved since, and is told when its time comes
        bool flushing = false;    // told when all of it is there
    };

    static bool placed(const domain::poll& poll, const watched& at);
    bool take(slice_counts counts);  // whether it was news
    void tell_if_due(const base::poll_id& id);
    void tell_results(const kept_poll& kept, watched& at, const slice_counts& sum);
    domain::results results_now(const domain::poll& poll, const watched& at,
                                const slice_counts& sum) const;
    std::optional<slice_counts> sum_of(const domain::poll& poll, const watched& at) const;
    boost::asio::awaitable<void> flush(base::poll_id id, bool all);

    boost::asio::any_io_executor executor_;
    registry& known_;
    slice_desk& slices_;
    std::chrono::nanoseconds interval_;
    const ports::clock& clock_;
    ports::meter& meter_;
    ports::change_listener* listener_ = nullptr;
    std::function<bool()> settled_;
    std::unordered_map<base::poll_id, watched> polls_;
    std::unordered_set<base::poll_id> busy_;  // something of them is to be flushed or told
    bool behind_ = false;
};

}  // namespace tallycast::redis
