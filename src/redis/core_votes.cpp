#include "core_votes.hpp"

#include "hop.hpp"
#include "library.hpp"

#include <boost/asio/post.hpp>

namespace tallycast::redis {

namespace asio = boost::asio;

core_votes::core_votes(asio::any_io_executor executor, house& home, const deployment& where,
                       const client_options& options, const ballot_rules& rules,
                       std::shared_ptr<std::atomic<bool>> stopped, ports::meter& meter,
                       ports::log& log)
    : executor_(std::move(executor)),
      stopped_(std::move(stopped)),
      polls_(home),
      ballots_(executor_, home, polls_, meter, log),
      redis_(executor_, where, options, std::string(library_text()), meter, log, &ballots_),
      slices_(executor_, redis_, rules.kept_by),
      readings_(home, polls_, redis_, slices_) {
    ballots_.use(redis_, rules);
    home.attach(executor_, polls_);
    asio::post(executor_, [this] { redis_.start(); });
}

void core_votes::stop() {
    asio::post(executor_, [this] { redis_.stop(); });
}

template <class T>
asio::awaitable<base::result<T>> core_votes::here(asio::awaitable<base::result<T>> work) {
    if (*stopped_) co_return base::failure(base::errc::shutting_down, "The store is stopped.");
    auto done = carried_out_on(executor_, std::move(work));
    co_return co_await std::move(done);
}

asio::awaitable<base::result<std::vector<domain::decision>>> core_votes::cast(
    ports::vote_group group) {
    return here(ballots_.cast(std::move(group)));
}

asio::awaitable<base::result<ports::kept_ballot>> core_votes::ballot_of(base::poll_id poll,
                                                                        base::voter_number voter) {
    return here(readings_.ballot_of(std::move(poll), voter));
}

asio::awaitable<base::result<domain::results>> core_votes::results(base::poll_id poll,
                                                                   std::uint32_t round) {
    return here(readings_.results(std::move(poll), round));
}

asio::awaitable<base::result<domain::ledger>> core_votes::ledger(base::poll_id poll,
                                                                 std::uint32_t round) {
    return here(readings_.ledger(std::move(poll), round));
}

asio::awaitable<base::result<void>> core_votes::note_refused(base::poll_id poll,
                                                             domain::ledger refused) {
    return here(readings_.note_refused(std::move(poll), refused));
}

asio::awaitable<base::result<ports::ballot_page>> core_votes::ballots(base::poll_id poll,
                                                                      std::uint32_t round,
                                                                      base::voter_number after,
                                                                      std::size_t limit) {
    return here(readings_.ballots(std::move(poll), round, after, limit));
}

}  // namespace tallycast::redis
