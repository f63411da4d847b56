#pragma once
// How long to wait before the next attempt: evenly anything up to a ceiling that doubles (full
// jitter), so that many clients of one dead server do not come back together. Pure.

#include <algorithm>
#include <chrono>

namespace tallycast::redis {

class back_off {
public:
    back_off(std::chrono::milliseconds first, std::chrono::milliseconds most)
        : first_(first), most_(most), ceiling_(first) {}

    // `luck` is evenly spread over [0, 1).
    std::chrono::milliseconds next(double luck) {
        const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(ceiling_ * luck);
        ceiling_ = std::min(ceiling_ * 2, most_);
        return wait;
    }

    void reset() { ceiling_ = first_; }

private:
    std::chrono::milliseconds first_;
    std::chrono::milliseconds most_;
    std::chrono::milliseconds ceiling_;
};

}  // namespace tallycast::redis
