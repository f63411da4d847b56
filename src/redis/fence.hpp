#pragma once
// Keeps a client that lost sight of the majority from acknowledging: a primary cut off together
// with it may have been replaced long ago and does not know yet. Pure.

#include <tallycast/base/time.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace tallycast::redis {

constexpr std::size_t majority_of(std::size_t all) { return all / 2 + 1; }

class fence {
public:
    // Up from the start: nobody has been heard yet. `patience` of zero: there is nobody to hear (a
    // lone server), never up.
    explicit fence(std::chrono::milliseconds patience) : patience_(patience) {}

    // So many of `all` answered what they were asked at `asked`. The time of the question counts:
    // an answer may have been long on its way.
    void heard(std::size_t answered, std::size_t all, base::mono_time asked) {
        if (answered >= majority_of(all) && all > 0) {
            until_ = std::max(until_, asked + patience_);
        }
    }

    bool up(base::mono_time now) const {
        return patience_ != std::chrono::milliseconds::zero() && now >= until_;
    }
    base::mono_time until() const { return until_; }

private:
    std::chrono::milliseconds patience_;
    base::mono_time until_{};
};

}  // namespace tallycast::redis
