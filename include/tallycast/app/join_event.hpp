#pragma once
// Joining by code: a number and a token for whoever asks, the same ones for whoever already has
// them.

#include <tallycast/app/caller.hpp>
#include <tallycast/app/core.hpp>

#include <boost/asio/awaitable.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace tallycast::app {

struct joined {
    event_ptr event;
    std::vector<poll_ptr> polls;  // without drafts
    std::string token;
    base::voter_number number;
    base::wall_time expires{};
};

// `credential` is the token the caller may hold already; any other is of no interest here, so
// joining never fails for a bad one. event_not_found for a code nobody has; rate_limited;
// overloaded; the store's failures.
boost::asio::awaitable<base::result<joined>> join_event(core& on, std::string_view credential,
                                                        origin from, std::string_view typed_code,
                                                        limit_answer& limited);

// A token for a watcher of the host's own event.
base::result<std::string> make_watcher(core& on, const caller& who, const base::event_id& event,
                                       std::chrono::seconds life);

}  // namespace tallycast::app
