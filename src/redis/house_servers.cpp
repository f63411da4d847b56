// What a house asks of the servers before it begins, and what it says of them while it runs.

#include "house.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace tallycast::redis {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds between_ticks{10};
constexpr std::chrono::milliseconds between_looks{20};
constexpr std::chrono::milliseconds time_to_listen{1000};  // at the start: a shard may be down

asio::awaitable<void> pause(std::chrono::milliseconds time) {
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace

// Asked until answers come or the time to start is over.
asio::awaitable<base::result<server_facts>> house::ask_servers() {
    const auto until = std::chrono::steady_clock::now() + options_.start_time;
    for (;;) {
        auto work = inspector_.look_first();
        const auto found = co_await std::move(work);
        if (found && !*found)
            co_return base::failure(base::errc::store_unavailable,
                                    "cannot use " + to_text(where_) + ": " + found->error().detail);
        if (found) co_return *found;
        if (std::chrono::steady_clock::now() >= until || stopping_)
            co_return base::failure(
                base::errc::store_unavailable,
                "cannot use " + to_text(where_) + ": " +
                    (redis_->last_error().empty() ? "it does not answer" : redis_->last_error()) +
                    ".");
        co_await pause(between_ticks);
    }
}

// Until what is published is heard, for a moment at most: a shard may be down.
asio::awaitable<base::result<void>> house::hear_first() {
    const auto until = std::chrono::steady_clock::now() + time_to_listen;
    while (!channels_->listens() && std::chrono::steady_clock::now() < until) {
        if (const auto why = channels_->refusal(); !why.empty())
            co_return base::failure(base::errc::store_unavailable,
                                    "cannot use " + to_text(where_) + ": " + why + '.');
        co_await pause(between_ticks);
    }
    co_return base::result<void>();
}

asio::awaitable<void> house::inspect() {
    while (!stopping_) {
        if (inspector_.is_due(std::chrono::steady_clock::now())) {
            auto work = inspector_.look();
            co_await std::move(work);
        }
        {
            const auto why = forbidden();
            const std::scoped_lock guard(trouble_access_);
            trouble_ = why.empty() ? inspector_.unfit() : why;
        }
        co_await pause(between_looks);
    }
}

// With less than it needs a node would only answer that it cannot count.
std::string house::forbidden() const {
    const auto why = inspector_.forbidden();
    return why.empty() && channels_ ? channels_->refusal() : why;
}

std::string house::trouble() const {
    const std::scoped_lock guard(trouble_access_);
    return trouble_;
}

}  // namespace tallycast::redis
