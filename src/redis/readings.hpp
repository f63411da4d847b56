#pragma once
// What can be read of a poll's counts and ballots, from any executor with a client. A reading
// that shows that the poll is no longer as it is known has it caught up with first.

#include "client.hpp"
#include "house_line.hpp"
#include "known_polls.hpp"
#include "slice_desk.hpp"

#include <tallycast/ports/vote_store.hpp>

#include <boost/asio/awaitable.hpp>

namespace tallycast::redis {

class readings {
public:
    readings(house_line& house, known_polls& polls, client& redis, slice_desk& slices)
        : house_(house), polls_(polls), redis_(redis), slices_(slices) {}

    // As ports::vote_store says.
    boost::asio::awaitable<base::result<ports::kept_ballot>> ballot_of(base::poll_id poll,
                                                                       base::voter_number voter);
    boost::asio::awaitable<base::result<domain::results>> results(base::poll_id poll,
                                                                  std::uint32_t round);
    boost::asio::awaitable<base::result<domain::ledger>> ledger(base::poll_id poll,
                                                                std::uint32_t round);
    boost::asio::awaitable<base::result<void>> note_refused(base::poll_id poll,
                                                            domain::ledger refused);
    boost::asio::awaitable<base::result<ports::ballot_page>> ballots(base::poll_id poll,
                                                                     std::uint32_t round,
                                                                     base::voter_number after,
                                                                     std::size_t limit);

private:
    struct reading {
        poll_ptr poll;
        std::uint32_t round = 0;
        slice_counts sum;
        bool placed = false;  // every slice has the poll as it is
    };
    // A round that the poll has; 0 is the current one.
    boost::asio::awaitable<base::result<std::pair<poll_ptr, std::uint32_t>>> find(
        base::poll_id id, std::uint32_t round);
    boost::asio::awaitable<base::result<reading>> read(base::poll_id id, std::uint32_t round);
    boost::asio::awaitable<base::result<domain::poll_definition>> definition_of(
        poll_ptr poll, std::uint32_t round);

    house_line& house_;
    known_polls& polls_;
    client& redis_;
    slice_desk& slices_;
};

}  // namespace tallycast::redis
