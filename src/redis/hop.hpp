#pragma once
// A call carried out on another executor: the coroutine that awaits it resumes on its own.

#include <tallycast/base/error.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <optional>
#include <utility>

namespace tallycast::redis {

// Asio wants a value that can be made from nothing, which a result cannot.
template <class T>
boost::asio::awaitable<std::optional<base::result<T>>> optionally(
    boost::asio::awaitable<base::result<T>> work) {
    auto done = co_await std::move(work);
    co_return std::move(done);
}

template <class T>
boost::asio::awaitable<base::result<T>> carried_out_on(
    boost::asio::any_io_executor executor, boost::asio::awaitable<base::result<T>> work) {
    auto there =
        boost::asio::co_spawn(executor, optionally(std::move(work)), boost::asio::use_awaitable);
    auto done = co_await std::move(there);
    co_return std::move(*done);
}

}  // namespace tallycast::redis
