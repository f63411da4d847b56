#include <tallycast/app/number_source.hpp>

#include <algorithm>

namespace tallycast::app {

using base::voter_number;

boost::asio::awaitable<base::result<voter_number>> number_source::next(base::event_id event,
                                                                       std::uint64_t quota) {
    if (const auto held = spare(event)) co_return *held;
    // Joins that meet an empty supply at once each take a block; none of it is lost, and doubling
    // sizes keep a wave of joins to a handful of calls.
    const auto most = std::clamp<std::uint64_t>(quota / shares, 1, largest_block);
    const auto size = std::min(events_[event].next_size, most);
    events_[event].next_size = std::min(size * 2, largest_block);
    const auto block = co_await store_.take_numbers(event, size);
    if (block) events_[event].blocks.push_back(*block);
    if (const auto held = spare(event)) co_return *held;
    if (block.error().code != base::errc::quota_exceeded || !ask_others) co_return block.error();
    const auto other = co_await ask_others(event);
    if (!other) co_return block.error();
    co_return *other;
}

std::optional<voter_number> number_source::spare(const base::event_id& event) {
    const auto at = events_.find(event);
    if (at == events_.end() || at->second.blocks.empty()) return std::nullopt;
    auto& block = at->second.blocks.front();
    const voter_number number{block.first++};
    if (--block.count == 0) at->second.blocks.erase(at->second.blocks.begin());
    return number;
}

}  // namespace tallycast::app
