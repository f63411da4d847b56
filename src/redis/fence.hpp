#pragma once
// Keeps a client from acknowledging what a primary takes that may have been replaced and does not
// know yet: without a majority in sight, since both may be cut off together; and as soon as anybody
// says that another takes its place, since a replica that has not heard of it goes on following the
// old one, and vouches for what will be thrown away. Pure.

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

    // Somebody said so at that time, or it was seen in the answers to what was asked then.
    void doubt(base::mono_time when) {
        doubts_ = true;
        doubted_ = std::max(doubted_, when);
    }
    // The answers to what was asked at that time know of no replacement.
    void trust(base::mono_time asked) {
        if (asked > doubted_) doubts_ = false;
    }

    bool in_doubt() const { return doubts_; }
    bool up(base::mono_time now) const { return doubts_ || without_majority(now); }
    bool without_majority(base::mono_time now) const {
        return patience_ != std::chrono::milliseconds::zero() && now >= until_;
    }
    base::mono_time until() const { return until_; }

private:
    std::chrono::milliseconds patience_;
    base::mono_time until_{};
    base::mono_time doubted_{};
    bool doubts_ = false;
};

}  // namespace tallycast::redis
