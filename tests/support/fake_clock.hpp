#pragma once
// A clock that stands until it is told to go. Both times move together; any thread.

#include <tallycast/ports/clock.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <utility>

namespace tallycast::test {

class fake_clock final : public ports::clock {
public:
    explicit fake_clock(
        base::wall_time start = base::wall_time(std::chrono::milliseconds(1'767'300'000'000)))
        : start_(start) {}

    base::wall_time wall() const override { return start_ + passed(); }
    base::mono_time mono() const override {
        return base::mono_time(std::chrono::hours(1)) + passed();
    }

    void advance(base::milliseconds by) {
        passed_.fetch_add(by.count());
        if (followed_by_) followed_by_(wall());
    }

    // Another clock that goes with this one: told where it stands now, and after each advance.
    void follow(std::function<void(base::wall_time)> follower) {
        followed_by_ = std::move(follower);
        followed_by_(wall());
    }

private:
    base::milliseconds passed() const { return base::milliseconds(passed_.load()); }

    base::wall_time start_;
    std::atomic<base::milliseconds::rep> passed_{0};
    std::function<void(base::wall_time)> followed_by_;
};

}  // namespace tallycast::test
