#pragma once
// The cookies that carry voters' tokens. `tallycast_voter` holds the voter who joined last, for
// clients that are in one event. A browser goes from one event to another and back, so each event
// has a cookie of its own beside it, `tallycast_voter_<event>`, which goes first where the event is
// known. Of those a browser is given at most max_voter_cookies: together they must fit into the
// header of a request.

#include <tallycast/base/id.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace tallycast::net {

inline constexpr std::size_t max_voter_cookies = 16;

// The token among the cookies of a Cookie field; empty when there is none.
std::string_view voter_cookie_in(std::string_view cookies);
// The token of this event's cookie, or else of `tallycast_voter`, whichever event it may be of.
std::string_view voter_cookie_in(std::string_view cookies, const base::event_id& event);

struct new_voter_cookie {
    const base::event_id& event;
    std::string_view token;
    std::chrono::seconds life;
    bool secure = false;
};

// The Set-Cookie lines for a voter, to a browser that sent `cookies`. When it has as many events'
// cookies as it may have, the oldest goes.
std::string set_voter_cookies(const new_voter_cookie& voter, std::string_view cookies);

}  // namespace tallycast::net
