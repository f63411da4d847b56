// What the house sees to now and then: what was begun and not finished, what a primary has
// forgotten, what is left of removed polls.

#include "house.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace tallycast::redis {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds between_sweeps{5};  // of what is left of removed polls
constexpr std::chrono::milliseconds between_tries{20};
constexpr std::chrono::milliseconds time_to_be_placed{500};  // by the node that changed a poll

}  // namespace

asio::awaitable<void> house::sweep() {
    auto work = host_->sweep_dropped();
    co_await std::move(work);
    sweep_at_ = clock_.mono() + between_sweeps;
}

// As soon as the link can be used.
asio::awaitable<void> house::tell_given() {
    while (!stopping_) {
        auto work = host_->tell_given();
        const auto told = co_await std::move(work);
        if (told) co_return;
        asio::steady_timer timer(executor(), between_tries);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

// Whoever was to place it may have died, or have met a primary that did not answer; nobody else
// would ever finish what a host was told is under way.
void house::find_unfinished() {
    for (const auto& [id, kept] : registry_.polls())
        if (kept.poll->status != domain::poll_status::draft && feed_->lags(*kept.poll))
            note_behind(id);
}

void house::note_behind(const base::poll_id& id) { behind_.try_emplace(id, clock_.mono()); }

// One a look, because it may take a while: other polls are to be looked after meanwhile.
asio::awaitable<void> house::place_one_again() {
    const auto late = std::ranges::find_if(behind_, [this](const auto& one) {
        return clock_.mono() - one.second >= time_to_be_placed;
    });
    if (late == behind_.end()) co_return;
    const auto id = late->first;
    behind_.erase(late);
    auto work = host_->place_again(id);
    const auto placed = co_await std::move(work);
    if (!placed && placed.error().code != base::errc::poll_not_found) note_behind(id);
}

// Some time after a primary was replaced: finds polls that it has not as they are, raises versions
// lower than those that were told, and lets what is over be final.
asio::awaitable<void> house::settle() {
    const auto wanted = replacements_.load();
    if (raised_for_ == wanted || !is_calm()) co_return;
    bool all = true;
    for (const auto& poll : polls_begun(false)) {
        if (stopping_) co_return;
        auto work = read_one(poll, true);
        const bool done = co_await std::move(work);
        all = all && done;
    }
    if (all) raised_for_ = wanted;  // otherwise with the next look
}

}  // namespace tallycast::redis
