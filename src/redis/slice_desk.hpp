#pragma once
// All slices of a poll at once: a poll is placed at them, read from them, and removed from them.
// Calls go to the slices side by side and are finished when each has answered. Lives on its
// client's executor; one thread.

#include "client.hpp"
#include "place.hpp"
#include "registry.hpp"
#include "replies.hpp"

#include <tallycast/base/error.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <vector>

namespace tallycast::redis {

base::failure store_unavailable();
// What a call that failed means to the caller of a port.
base::failure failure_of(const call_failure& f);

class slice_desk {
public:
    // kept_by: what a placement must reach before it counts.
    slice_desk(boost::asio::any_io_executor executor, client& redis, const copies& kept_by)
        : executor_(std::move(executor)), redis_(redis), kept_by_(kept_by) {}

    using slice_replies = std::vector<slice_reply>;  // by slice

    // The poll as its row says. A slice that has something newer keeps it.
    boost::asio::awaitable<base::result<slice_replies>> place(kept_poll poll);
    // The same at one slice, which turned out to have nothing.
    boost::asio::awaitable<base::result<slice_reply>> place(kept_poll poll, std::uint16_t slice);
    // Ballots wait from now on; has_votes where there was one in this round. Then release().
    boost::asio::awaitable<base::result<slice_replies>> hold(kept_poll poll);
    boost::asio::awaitable<base::result<slice_replies>> release(kept_poll poll);

    boost::asio::awaitable<base::result<slice_replies>> read(
        std::shared_ptr<const domain::poll> poll, std::uint32_t round);
    boost::asio::awaitable<base::result<slice_reply>> flush(
        std::shared_ptr<const domain::poll> poll, std::uint16_t slice);
    // At least this version, published.
    boost::asio::awaitable<base::result<slice_reply>> raise(
        std::shared_ptr<const domain::poll> poll, std::uint16_t slice, std::uint64_t version);
    // Every key of the poll, all rounds.
    boost::asio::awaitable<base::result<void>> remove(std::shared_ptr<const domain::poll> poll);

private:
    using make_call = std::function<pipeline(const slice_keys&, std::uint16_t slice)>;

    boost::asio::awaitable<base::result<slice_replies>> at_each(
        std::shared_ptr<const domain::poll> poll, std::uint32_t round, make_call make,
        copies wanted = {});
    boost::asio::awaitable<base::result<slice_reply>> at_one(
        std::shared_ptr<const domain::poll> poll, std::uint32_t round, std::uint16_t slice,
        make_call make, copies wanted = {});
    static make_call state_call(const kept_poll& poll, std::string_view mode);

    boost::asio::any_io_executor executor_;
    client& redis_;
    copies kept_by_;
};

}  // namespace tallycast::redis
