#pragma once
// Which polls have ballots that were counted here and that no snapshot has shown yet, and since
// when. Both sides carry the store's time, so a snapshot that came before the ballot's own answer
// is known to hold it. One entry a poll that had a ballot. Single-threaded, pure.

#include <tallycast/base/id.hpp>
#include <tallycast/base/time.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <unordered_map>

namespace tallycast::app {

class unshown_results {
public:
    // A ballot was counted at `at` by the store's clock.
    void counted(const base::poll_id& poll, base::wall_time at, base::mono_time now) {
        auto& of = polls_[poll];
        if (at > of.shown_until && !of.since) of.since = now;
    }

    // A snapshot of `at` came. How long the oldest ballot had waited for it, if one did.
    std::optional<std::chrono::nanoseconds> shown(const base::poll_id& poll, base::wall_time at,
                                                  base::mono_time now) {
        auto& of = polls_[poll];
        of.shown_until = std::max(of.shown_until, at);
        if (!of.since) return std::nullopt;
        const auto waited = now - *of.since;
        of.since.reset();
        return waited;
    }

    void forget(const base::poll_id& poll) { polls_.erase(poll); }

    // Of all that wait the longest; 0 when all is shown.
    std::chrono::nanoseconds oldest(base::mono_time now) const {
        std::chrono::nanoseconds longest{};
        for (const auto& [poll, of] : polls_)
            if (of.since) longest = std::max<std::chrono::nanoseconds>(longest, now - *of.since);
        return longest;
    }

private:
    struct state {
        base::wall_time shown_until{};
        std::optional<base::mono_time> since;
    };
    std::unordered_map<base::poll_id, state> polls_;
};

}  // namespace tallycast::app
