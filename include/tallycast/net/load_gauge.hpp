#pragma once
// What one I/O thread tells of its load: how late and how busy it is, what waits, what it would
// take. Called by the thread's regular tick, on that thread: its CPU time is the kernel's for the
// caller.

#include <tallycast/app/core.hpp>
#include <tallycast/app/results_hub.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tallycast::net {

class load_gauge {
public:
    explicit load_gauge(app::core& of) : core_(of) {}

    // At each tick, with how late it came.
    void tick(base::mono_time now, std::chrono::nanoseconds delay);

    // Once a second or so: what takes longer to find out, and how busy the thread was since the
    // last time.
    void measure(base::mono_time now, const app::hub_counts& hub, std::size_t connection_limit);

private:
    app::core& core_;
    base::mono_time measured_at_{};
    std::chrono::nanoseconds busy_until_then_{};
    std::uint64_t superseded_until_then_ = 0;
};

}  // namespace tallycast::net
