#include "call_course.hpp"

#include <algorithm>

namespace tallycast::redis {

namespace {

using namespace std::chrono_literals;

// A map in motion may send a call in circles: after so many steps without rest it takes breath.
constexpr int redirections_without_rest = 5;
constexpr int most_loads = 8;
constexpr auto soonest_try = 20ms;
constexpr auto latest_try = 200ms;
constexpr auto longest_trying = 2000ms;
constexpr auto wait_between = 500ms;

}  // namespace

call_course::step call_course::after(const verdict& v, base::mono_time now, double luck) {
    if (v.what == verdict::kind::done) return step::finish;
    // A library that is missing where the call was sent by ASK is loaded there.
    if (v.what != verdict::kind::library_missing) asking_ = false;
    why_ = v.words;
    may_have_happened_ = may_have_happened_ || !v.nothing_done;
    if (now >= deadline_) return step::give_up;
    switch (v.what) {
        case verdict::kind::moved: return redirected(now, luck);
        case verdict::kind::ask:
            asking_ = true;
            target_ = v.target;
            return redirected(now, luck);
        case verdict::kind::try_again: return try_again(now, luck);
        case verdict::kind::wait_out: return pause_for(wait_between, now);
        case verdict::kind::library_missing:
            return ++loads_ > most_loads ? step::finish : step::load;
        default: return step::give_up;
    }
}

call_course::step call_course::redirected(base::mono_time now, double luck) {
    if (++redirections_ % redirections_without_rest != 0) return step::send;
    asking_ = false;
    return pause_for(soonest_try + std::chrono::milliseconds(static_cast<int>(luck * 80)), now);
}

call_course::step call_course::try_again(base::mono_time now, double luck) {
    if (!trying_again_) trying_since_ = now;
    trying_again_ = true;
    if (now - trying_since_ >= longest_trying) return step::give_up;
    const double spread = static_cast<double>((latest_try - soonest_try).count());
    return pause_for(soonest_try + std::chrono::milliseconds(static_cast<int>(luck * spread)), now);
}

call_course::step call_course::pause_for(std::chrono::milliseconds time, base::mono_time now) {
    pause_until_ = std::min(now + time, deadline_);
    return step::pause;
}

}  // namespace tallycast::redis
