#pragma once
// Coroutines that run at the same time on one executor of one thread; goes on when all have ended.
// Each owns what it works with, or lives shorter than whoever awaits.

#include "bell.hpp"
#include "spawn.hpp"

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace tallycast::redis {

struct countdown {
    countdown(std::size_t from, boost::asio::any_io_executor executor)
        : number(from), zero(std::move(executor)) {}
    std::size_t number;
    bell zero;
};

inline boost::asio::awaitable<void> counted_down(boost::asio::awaitable<void> work,
                                                 std::shared_ptr<countdown> left) {
    co_await std::move(work);
    if (--left->number == 0) left->zero.ring();
}

inline boost::asio::awaitable<void> side_by_side(boost::asio::any_io_executor executor,
                                                 std::vector<boost::asio::awaitable<void>> all) {
    const auto left = std::make_shared<countdown>(all.size(), executor);
    for (auto& work : all) spawn(executor, counted_down(std::move(work), left));
    while (left->number > 0) co_await left->zero.wait(base::mono_time::max());
}

}  // namespace tallycast::redis
