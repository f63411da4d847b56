#include <tallycast/app/number_source.hpp>

#include <algorithm>

namespace tallycast::app {

using base::voter_number;

boost::asio::awaitable<base::result<voter_number>> number_source::next(base::event_id event,
                                                                       std::uint64_t quota) {
    if (const auto held = spare(event)) co_return *held;
    // Blocks double from one to the next, so that a wave of joins is a handful of calls. Joins that
    // meet an empty supply while a block is on its way each take a small one: sheets are as long as
    // the highest number, and a crowd at the door is not to be given a thousand each.
    const auto most = std::clamp<std::uint64_t>(quota / shares, 1, largest_block);
    const auto size = std::min(events_[event].next_size, most);
    events_[event].next_size = smallest_block;
    const auto block = co_await store_.take_numbers(event, size);
    auto& mine = events_[event];
    mine.next_size = std::max(mine.next_size, std::min(size * 2, largest_block));
    if (block) mine.blocks.push_back(*block);
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
