#pragma once
// The vote store of one executor: its client, what it knows of the polls, and the desks. Calls may
// come from anywhere and are carried out on the executor.

#include "ballot_desk.hpp"
#include "client.hpp"
#include "house.hpp"
#include "known_polls.hpp"
#include "readings.hpp"
#include "slice_desk.hpp"

#include <tallycast/ports/vote_store.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <memory>
#include <utility>

namespace tallycast::redis {

class core_votes final : public ports::vote_store {
public:
    core_votes(boost::asio::any_io_executor executor, house& home, const deployment& where,
               const client_options& options, const ballot_rules& rules,
               std::shared_ptr<std::atomic<bool>> stopped, ports::meter& meter, ports::log& log);

    // On its executor, whenever that runs.
    void stop();

    boost::asio::awaitable<base::result<std::vector<domain::decision>>> cast(
        ports::vote_group group) override;
    // A call costs a server as much before its first vote as 50 votes after it, and more where it
    // must be woken for it.
    std::size_t worth_a_call() const noexcept override { return 48; }
    boost::asio::awaitable<base::result<ports::kept_ballot>> ballot_of(
        base::poll_id poll, base::voter_number voter) override;
    boost::asio::awaitable<base::result<domain::results>> results(base::poll_id poll,
                                                                  std::uint32_t round) override;
    boost::asio::awaitable<base::result<domain::ledger>> ledger(base::poll_id poll,
                                                                std::uint32_t round) override;
    boost::asio::awaitable<base::result<void>> note_refused(base::poll_id poll,
                                                            domain::ledger refused) override;
    boost::asio::awaitable<base::result<ports::ballot_page>> ballots(base::poll_id poll,
                                                                     std::uint32_t round,
                                                                     base::voter_number after,
                                                                     std::size_t limit) override;

private:
    template <class T>
    boost::asio::awaitable<base::result<T>> here(boost::asio::awaitable<base::result<T>> work);

    boost::asio::any_io_executor executor_;
    std::shared_ptr<std::atomic<bool>> stopped_;
    known_polls polls_;
    ballot_desk ballots_;
    client redis_;
    slice_desk slices_;
    readings readings_;
};

}  // namespace tallycast::redis
