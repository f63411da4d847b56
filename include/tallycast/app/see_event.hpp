#pragma once
// What each kind of caller may see of an event, its polls and their results.

#include <tallycast/app/caller.hpp>
#include <tallycast/app/core.hpp>
#include <tallycast/domain/results.hpp>

#include <boost/asio/awaitable.hpp>

#include <vector>

namespace tallycast::app {

struct event_view {
    event_ptr event;
    std::vector<poll_ptr> polls;
    std::vector<results_ptr> results;
    bool personal = false;  // not the same for everyone: keep it out of shared caches
};

// Polls that are not drafts, in order of creation.
std::vector<poll_ptr> open_polls(core& on, const base::event_id& event);

// Anyone may see an event whose id they know. event_not_found; also for another tenant's host.
boost::asio::awaitable<base::result<event_view>> see_event(core& on, caller who,
                                                           base::event_id event);

// The results of a round (0: the current) as this caller may see them. poll_not_found,
// round_not_found, results_hidden; only a host reads rounds that are over.
boost::asio::awaitable<base::result<domain::results>> read_results(core& on, caller who,
                                                                   base::poll_id poll,
                                                                   std::uint32_t round);

// Who the caller is to this poll's results. Asks the store only where it matters (after_vote).
boost::asio::awaitable<domain::viewer> viewer_of(core& on, caller who, poll_ptr poll);

}  // namespace tallycast::app
