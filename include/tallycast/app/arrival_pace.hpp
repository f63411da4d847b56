#pragma once
// How fast votes come to a core, by counting those of the stretch of time before this one. Pure.

#include <tallycast/base/time.hpp>

#include <chrono>
#include <cstddef>

namespace tallycast::app {

class arrival_pace {
public:
    explicit arrival_pace(std::chrono::milliseconds stretch) : stretch_(stretch) {}

    void note(base::mono_time now) {
        ++arrived_;
        const auto passed = now - began_;
        if (passed < stretch_) return;
        // After a silence nobody knows how fast they come.
        in_a_stretch_ = passed < 2 * stretch_ ? arrived_ : 0;
        arrived_ = 0;
        began_ = now;
    }

    // Votes in a stretch, at the pace of the last one.
    std::size_t in_a_stretch() const noexcept { return in_a_stretch_; }

private:
    std::chrono::milliseconds stretch_;
    base::mono_time began_{};
    std::size_t arrived_ = 0;
    std::size_t in_a_stretch_ = 0;
};

}  // namespace tallycast::app
