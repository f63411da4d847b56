// What the house does beside everything else, as it may have to wait for a server.

#include "house.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tallycast::redis {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds between_sweeps{5};  // of what is left of removed polls
constexpr std::chrono::milliseconds between_tries{20};

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

}  // namespace tallycast::redis
