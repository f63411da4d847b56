#pragma once
// The way of one call through redirections, waits and repetitions, until it is done or its
// deadline passes. Pure: time and luck come in, what to do next goes out.

#include "verdict.hpp"

#include <tallycast/base/time.hpp>

#include <chrono>
#include <cstdint>

namespace tallycast::redis {

class call_course {
public:
    enum class step : std::uint8_t {
        finish = 1,  // the replies are the answer
        send,        // send it, to target() if asking(), else to whom the map says
        pause,       // wait until pause_until() or until something changed, then send
        load,        // the same again, and the library right before it on the same link
        give_up      // refused, or out of time
    };

    explicit call_course(base::mono_time deadline) : deadline_(deadline) {}

    // `luck` is evenly spread over [0, 1).
    step after(const verdict& v, base::mono_time now, double luck);

    bool asking() const noexcept { return asking_; }
    const endpoint& target() const noexcept { return target_; }
    base::mono_time deadline() const noexcept { return deadline_; }
    base::mono_time pause_until() const noexcept { return pause_until_; }

    // Whether a command of an attempt so far may have been carried out, and why it was repeated.
    bool may_have_happened() const noexcept { return may_have_happened_; }
    const std::string& why() const noexcept { return why_; }

private:
    step redirected(base::mono_time now, double luck);
    step try_again(base::mono_time now, double luck);
    step pause_for(std::chrono::milliseconds time, base::mono_time now);

    base::mono_time deadline_;
    base::mono_time pause_until_{};
    base::mono_time trying_since_{};
    int redirections_ = 0;
    int loads_ = 0;
    bool trying_again_ = false;
    bool asking_ = false;
    bool may_have_happened_ = false;
    endpoint target_;
    std::string why_;
};

}  // namespace tallycast::redis
