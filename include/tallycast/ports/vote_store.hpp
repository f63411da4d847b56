#pragma once
// Where ballots are decided and kept. Every implementation passes tests/contract.
//
// Threads: any function may be called from any executor; a coroutine resumes on the executor it was
// awaited on. Lifetime: the store outlives every call; after stop() each call fails with
// shutting_down.

#include <tallycast/base/error.hpp>
#include <tallycast/base/id.hpp>
#include <tallycast/domain/ledger.hpp>
#include <tallycast/domain/poll_round.hpp>
#include <tallycast/domain/results.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tallycast::ports {

// Ballots of one poll that travel together. At most 256; the order in the group is the order of
// decision.
struct vote_group {
    base::poll_id poll;
    std::vector<domain::vote_request> votes;
};

struct kept_ballot {
    base::voter_number voter;
    domain::ballot vote;
    std::uint32_t sequence = 0;
};

struct ballot_page {
    domain::poll_definition definition;
    std::vector<kept_ballot> ballots;  // ascending by voter; withdrawn ones left out
    bool more = false;
};

class vote_store {
public:
    virtual ~vote_store() = default;

    // Decides each ballot of the group and answers once all that was accepted has reached the
    // store's durability level; decisions[i] belongs to votes[i]. Whether the poll is open is
    // decided here, by the store's clock, in the same step as the ballot. Sending a group again is
    // safe: what was accepted before is answered as replayed. Fails as a whole, with nothing of it
    // counted: store_unavailable, overloaded (the store's queue is full), shutting_down. A poll
    // that does not exist is a decision (not_found), not a failure.
    virtual boost::asio::awaitable<base::result<std::vector<domain::decision>>> cast(
        vote_group group) = 0;

    // How many votes a call should carry to be worth its cost, at most 256. While votes come fast
    // their sender holds a smaller group for a moment; of a store that says 1 it holds none.
    virtual std::size_t worth_a_call() const noexcept { return 1; }

    // The voter's ballot in the current round. not_voted, poll_not_found.
    virtual boost::asio::awaitable<base::result<kept_ballot>> ballot_of(
        base::poll_id poll, base::voter_number voter) = 0;

    // Results of a round; round 0 is the current one. Only what is durable shows. poll_not_found,
    // round_not_found.
    virtual boost::asio::awaitable<base::result<domain::results>> results(base::poll_id poll,
                                                                          std::uint32_t round) = 0;

    // The ledger of a round, all nodes together; round 0 is the current one.
    virtual boost::asio::awaitable<base::result<domain::ledger>> ledger(base::poll_id poll,
                                                                        std::uint32_t round) = 0;

    // Adds ballots that were refused before they reached cast() (received and rejected alike) to
    // the ledger of the current round. An unknown poll is ignored. May be lost when the process
    // dies. After a failure nothing was added, and it may be handed in again; what nobody knows of
    // is no failure.
    virtual boost::asio::awaitable<base::result<void>> note_refused(base::poll_id poll,
                                                                    domain::ledger refused) = 0;

    // Counted ballots of a round after `after`, at most `limit`: for exports, a page at a time.
    virtual boost::asio::awaitable<base::result<ballot_page>> ballots(base::poll_id poll,
                                                                      std::uint32_t round,
                                                                      base::voter_number after,
                                                                      std::size_t limit) = 0;
};

}  // namespace tallycast::ports
