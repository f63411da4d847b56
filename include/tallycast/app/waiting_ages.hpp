#pragma once
// How long the oldest of many has waited, to the length of a tick, without a clock reading or a
// list entry for each: who comes between two ticks counts as one age. Single-threaded, pure.

#include <tallycast/base/time.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>

namespace tallycast::app {

class waiting_ages {
public:
    // What leave() wants back.
    std::uint64_t enter() {
        if (ages_.empty()) ages_.push_back({last_tick_, 0});
        ++ages_.back().inside;
        return first_ + ages_.size() - 1;
    }

    void leave(std::uint64_t age) {
        --ages_[static_cast<std::size_t>(age - first_)].inside;
        while (!ages_.empty() && ages_.front().inside == 0) {
            ages_.pop_front();
            ++first_;
        }
    }

    // To be called regularly; the age of the oldest, or nothing waits and it is 0.
    std::chrono::nanoseconds tick(base::mono_time now) {
        last_tick_ = now;
        if (ages_.empty()) return {};
        if (ages_.back().inside > 0) ages_.push_back({now, 0});
        return now - ages_.front().since;
    }

private:
    struct age_group {
        base::mono_time since;
        std::size_t inside;
    };

    std::deque<age_group> ages_;  // of the front somebody is inside
    std::uint64_t first_ = 0;
    base::mono_time last_tick_{};
};

}  // namespace tallycast::app
