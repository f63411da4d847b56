#pragma once
// Where coroutines of one executor wait for something to have changed: ring() wakes all of them,
// and each looks for itself. One thread; whoever waits keeps the bell's owner alive.

#include <tallycast/base/time.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <list>
#include <utility>

namespace tallycast::redis {

class bell {
public:
    explicit bell(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
    bell(const bell&) = delete;
    bell& operator=(const bell&) = delete;

    // Until the bell rings or the time has come.
    boost::asio::awaitable<void> wait(base::mono_time until) {
        const place mine(*this, until);
        boost::system::error_code ignored;
        co_await mine.timer().async_wait(
            boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    }

    void ring() {
        for (auto& timer : waiting_) timer.cancel();
    }

private:
    using timers = std::list<boost::asio::steady_timer>;

    class place {
    public:
        place(bell& of, base::mono_time until)
            : of_(of), at_(of.waiting_.emplace(of.waiting_.end(), of.executor_, until)) {}
        ~place() { of_.waiting_.erase(at_); }
        place(const place&) = delete;
        place& operator=(const place&) = delete;
        boost::asio::steady_timer& timer() const { return *at_; }

    private:
        bell& of_;
        timers::iterator at_;
    };

    boost::asio::any_io_executor executor_;
    timers waiting_;
};

}  // namespace tallycast::redis
