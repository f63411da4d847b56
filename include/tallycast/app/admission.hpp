#pragma once
// Under pressure the vote goes first. Pressure is a number from 0 (idle) to 1 (at the limit), the
// highest of what the core measures; each class of work is refused from its own pressure on. Pure.

#include <tallycast/base/time.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tallycast::app {

enum class work : std::uint8_t { vote = 0, join, results, host, export_ };

class admission {
public:
    // How late the core's regular tick came: the time a ready socket waits for its turn.
    void note_loop_delay(std::chrono::nanoseconds delay) {
        const double now = std::chrono::duration<double>(delay).count() / full_loop_delay;
        loop_ = std::max(now, loop_ * 0.7);  // up at once, down over a few ticks
    }
    void note_queue(std::size_t waiting, std::size_t limit) {
        queue_ =
            static_cast<double>(waiting) / static_cast<double>(std::max<std::size_t>(limit, 1));
    }

    double pressure() const noexcept { return std::max(loop_, queue_); }
    bool admits(work kind) const noexcept { return admits_at(pressure(), kind); }
    static bool admits_at(double pressure, work kind) noexcept {
        return pressure < refused_from[static_cast<std::size_t>(kind)];
    }

    // Grows with the pressure, so that the refused do not all come back into it.
    base::milliseconds retry_after() const noexcept {
        return base::milliseconds{
            static_cast<std::int64_t>(1000 * std::clamp(pressure(), 0.25, 5.0))};
    }

private:
    static constexpr double full_loop_delay = 0.5;  // seconds
    static constexpr std::array<double, 5> refused_from{1.0, 0.85, 0.7, 0.7, 0.5};

    double loop_ = 0;
    double queue_ = 0;
};

}  // namespace tallycast::app
