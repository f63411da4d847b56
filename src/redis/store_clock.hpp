#pragma once
// The clock of the store as a node knows it: its own, put right by what the store said last. So
// nodes whose clocks differ agree on what is over. Any thread; heard() on one.

#include <tallycast/ports/clock.hpp>

#include <atomic>
#include <chrono>

namespace tallycast::redis {

class store_clock final : public ports::clock {
public:
    explicit store_clock(const ports::clock& own) : own_(own) {}

    base::wall_time wall() const override {
        return own_.wall() + ahead_.load(std::memory_order_relaxed);
    }
    base::mono_time mono() const override { return own_.mono(); }

    void heard(base::wall_time store) {
        ahead_ = std::chrono::duration_cast<base::milliseconds>(store - own_.wall());
    }

private:
    const ports::clock& own_;
    std::atomic<base::milliseconds> ahead_{base::milliseconds(0)};
};

}  // namespace tallycast::redis
