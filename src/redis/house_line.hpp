#pragma once
// What a ballot desk asks of the house: the part of the store that knows the polls and tells the
// node what moved. Any executor; a coroutine resumes where it was awaited.

#include "slice_counts.hpp"

#include <tallycast/base/error.hpp>
#include <tallycast/domain/poll.hpp>
#include <tallycast/domain/results.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <vector>

namespace tallycast::redis {

class house_line {
public:
    virtual ~house_line() = default;

    // The poll as it is now, or null; a poll that is not known is looked for in the catalog.
    virtual boost::asio::awaitable<base::result<std::shared_ptr<const domain::poll>>> find(
        base::poll_id id) = 0;
    // Every change written before the call is known, here and on the cores.
    virtual boost::asio::awaitable<base::result<void>> catch_up() = 0;
    // Polls whose time has come are written down and placed.
    virtual boost::asio::awaitable<base::result<void>> move_due() = 0;
    // A slice has nothing of the poll, or something old.
    virtual boost::asio::awaitable<base::result<void>> place_again(base::poll_id id) = 0;
    // What a slice published; told when it returns.
    virtual boost::asio::awaitable<void> heard(slice_counts counts) = 0;

    // The results of the poll as far as slices have been heard; null when they have not.
    virtual boost::asio::awaitable<std::shared_ptr<const domain::results>> known_results(
        base::poll_id id) = 0;

    // A primary stands where another history stood: for a while nodes may give it what it lacks.
    virtual void primary_replaced() = 0;
    // No primary was replaced so lately, and what those have forgotten that were is made good;
    // until then no result is final.
    virtual bool settled() const = 0;

    // A core's call was refused for what no repetition mends.
    virtual void refused_by_store() = 0;

    // Without waiting for it.
    virtual void was_read(std::vector<slice_counts> parts) = 0;
    virtual void flush_in(std::chrono::milliseconds wait, base::poll_id poll,
                          std::uint16_t slice) = 0;
    virtual void slice_is_behind(base::poll_id poll) = 0;
};

}  // namespace tallycast::redis
