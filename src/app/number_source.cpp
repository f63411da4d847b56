#include <tallycast/app/number_source.hpp>

#include <algorithm>

namespace tallycast::app {

boost::asio::awaitable<base::result<base::voter_number>> number_source::next(base::event_id event) {
    if (events_[event].blocks.empty()) {
        // Joins that meet an empty supply at once each take a block; none of it is lost, and
        // doubling sizes keep a wave of joins to a handful of calls.
        const auto size = events_[event].next_size;
        events_[event].next_size = std::min(size * 2, largest_block);
        auto block = co_await store_.take_numbers(event, size);
        if (!block) co_return block.error();
        events_[event].blocks.push_back(*block);
    }
    auto& blocks = events_[event].blocks;
    auto& block = blocks.front();
    const base::voter_number number{block.first++};
    if (--block.count == 0) blocks.erase(blocks.begin());
    co_return number;
}

}  // namespace tallycast::app
