#pragma once
// Voter numbers for joins, taken from the store in blocks so that a crowd costs it little. A block
// is at most a 64th of what the event may have, so that those who take them do not hold much back
// from each other; and when the store has none left, the other cores of this node are asked. What
// is left of a block when the process ends is never given out. One per core, single-threaded.

#include <tallycast/base/error.hpp>
#include <tallycast/base/id.hpp>
#include <tallycast/ports/poll_store.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

namespace tallycast::app {

class number_source {
public:
    number_source(boost::asio::any_io_executor core, ports::poll_store& store)
        : core_(core), store_(store) {}

    // The next free number of the event, which may have `quota` of them. The store's failures of
    // take_numbers.
    boost::asio::awaitable<base::result<base::voter_number>> next(base::event_id event,
                                                                  std::uint64_t quota);

    // One that this core holds, for another core.
    std::optional<base::voter_number> spare(const base::event_id& event);

    void forget(const base::event_id& event) { events_.erase(event); }

    // A spare number of any other core of this node; set by the server where there are more.
    std::function<boost::asio::awaitable<std::optional<base::voter_number>>(base::event_id)>
        ask_others;

private:
    struct supply {
        std::vector<ports::number_block> blocks;
        std::uint64_t next_size = smallest_block;
    };
    static constexpr std::uint64_t smallest_block = 8;
    static constexpr std::uint64_t largest_block = 1024;
    static constexpr std::uint64_t shares = 64;

    boost::asio::any_io_executor core_;
    ports::poll_store& store_;
    std::unordered_map<base::event_id, supply> events_;
};

}  // namespace tallycast::app
