#pragma once
// A store of votes in front of another one; a test overrides what it wants to see or to change.

#include <tallycast/ports/vote_store.hpp>

#include <utility>
#include <vector>

namespace tallycast::test {

class forwarding_votes : public ports::vote_store {
public:
    // The store outlives it.
    explicit forwarding_votes(ports::vote_store& store) : store_(store) {}

    boost::asio::awaitable<base::result<std::vector<domain::decision>>> cast(
        ports::vote_group group) override {
        return store_.cast(std::move(group));
    }
    std::size_t worth_a_call() const noexcept override { return store_.worth_a_call(); }
    boost::asio::awaitable<base::result<ports::kept_ballot>> ballot_of(
        base::poll_id poll, base::voter_number voter) override {
        return store_.ballot_of(std::move(poll), voter);
    }
    boost::asio::awaitable<base::result<domain::results>> results(base::poll_id poll,
                                                                  std::uint32_t round) override {
        return store_.results(std::move(poll), round);
    }
    boost::asio::awaitable<base::result<domain::ledger>> ledger(base::poll_id poll,
                                                                std::uint32_t round) override {
        return store_.ledger(std::move(poll), round);
    }
    boost::asio::awaitable<base::result<void>> note_refused(base::poll_id poll,
                                                            domain::ledger refused) override {
        return store_.note_refused(std::move(poll), refused);
    }
    boost::asio::awaitable<base::result<ports::ballot_page>> ballots(base::poll_id poll,
                                                                     std::uint32_t round,
                                                                     base::voter_number after,
                                                                     std::size_t limit) override {
        return store_.ballots(std::move(poll), round, after, limit);
    }

private:
    ports::vote_store& store_;
};

}  // namespace tallycast::test
