#pragma once
// Tells the listener: definitions at once, results of a poll at most so many times a second, the
// first at once and the last always. Store's thread only; polls are those of `live`.

#include "state.hpp"

#include <tallycast/ports/change_feed.hpp>
#include <tallycast/ports/clock.hpp>
#include <tallycast/ports/meter.hpp>

#include <chrono>
#include <optional>
#include <set>
#include <utility>

namespace tallycast::embedded {

class announcer {
public:
    announcer(state& live, std::size_t snapshots_per_second, const ports::clock& clock,
              ports::meter& meter);

    // Silent before. Tells everything there is.
    void begin(ports::change_listener& listener);

    void tell(const ports::change& what);
    void poll_changed(poll_entry& entry);   // the poll, then its results unless it is a draft
    void results_moved(poll_entry& entry);  // now, or when its turn has come
    void tick();                            // results whose turn has come
    void finish();                          // all that wait

    std::optional<base::mono_time> next() const;

private:
    void tell_results(poll_entry& entry);

    state& live_;
    std::chrono::nanoseconds interval_;
    const ports::clock& clock_;
    ports::meter& meter_;
    ports::change_listener* listener_ = nullptr;
    std::set<std::pair<base::mono_time, base::poll_id>> waiting_;
};

}  // namespace tallycast::embedded
