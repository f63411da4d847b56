#pragma once
// The polls as one executor knows them: told by the house, and asked of it when one is not known.
// One thread.

#include "house_line.hpp"

#include <tallycast/ports/change_feed.hpp>

#include <memory>
#include <unordered_map>

namespace tallycast::redis {

using poll_ptr = std::shared_ptr<const domain::poll>;

inline base::failure no_such_poll() {
    return {base::errc::poll_not_found, "There is no such poll."};
}

class known_polls {
public:
    explicit known_polls(house_line& house) : house_(house) {}

    void learn(const ports::change& what) {
        if (const auto* poll = std::get_if<poll_ptr>(&what)) polls_[(*poll)->id] = *poll;
        if (const auto* gone = std::get_if<ports::poll_removed>(&what)) polls_.erase(gone->id);
    }

    // poll_not_found, and the failures of the store.
    boost::asio::awaitable<base::result<poll_ptr>> find(base::poll_id id) {
        if (const auto at = polls_.find(id); at != polls_.end()) co_return at->second;
        auto work = house_.find(id);
        auto found = co_await std::move(work);
        if (!found) co_return found.error();
        if (!*found) co_return no_such_poll();
        co_return std::move(*found);
    }

private:
    house_line& house_;
    std::unordered_map<base::poll_id, poll_ptr> polls_;
};

}  // namespace tallycast::redis
