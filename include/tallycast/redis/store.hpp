#pragma once
// Both stores of many nodes, in Redis or Valkey. Definitions and the feed live on a thread of the
// store's, the house; ballots travel on the executors of the cores, each over links of its own, so
// that the vote path shares nothing between cores.
//
// Threads: as the ports say. open(), start(), votes_on() and stop() belong to one owner; start()
// and stop() are called once each, in this order.

#include <tallycast/ports/change_feed.hpp>
#include <tallycast/ports/clock.hpp>
#include <tallycast/ports/log.hpp>
#include <tallycast/ports/meter.hpp>
#include <tallycast/ports/poll_store.hpp>
#include <tallycast/ports/roll_call.hpp>
#include <tallycast/ports/token_lender.hpp>
#include <tallycast/ports/vote_store.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tallycast::redis {

// What an answer has survived. async: the node that gave it and, as every node applies again what
// it acknowledged, the loss of a primary as long as the node lives. replicated: the loss of node
// and primary together. fsync: the loss of power. automatic: replicated while a replica keeps up
// with the primary, else async.
enum class durability : std::uint8_t { automatic = 1, async, replicated, fsync };

struct store_options {
    std::string url;  // deployment.hpp
    durability level = durability::automatic;
    // What was acknowledged is given to a primary that may not have it. Off: for tests, which show
    // with it that they would notice.
    bool apply_again = true;
    std::uint16_t slices = 0;               // of a new poll, up to 64; 0: one a primary
    std::size_t snapshots_per_second = 10;  // of each poll
    std::string ca_file;                    // for TLS; empty: the system's
    std::chrono::milliseconds start_time{10'000};
};

// Whether TLS can be set up with this file of authorities; invalid_request and why not.
base::result<void> check_authorities(const std::string& ca_file);

class house;
class core_votes;

class store final : public ports::poll_store, public ports::token_lender, public ports::roll_call {
public:
    // Reads the address; connects to nothing yet. Clock, meter and log outlive the store.
    static base::result<std::unique_ptr<store>> open(const store_options& options,
                                                     const ports::clock& clock, ports::meter& meter,
                                                     ports::log& log);
    ~store() override;
    store(const store&) = delete;
    store& operator=(const store&) = delete;

    // Connects, refuses a level that the servers cannot keep, and tells the listener every tenant,
    // key, event and poll, and the results of each poll that is no draft. store_unavailable and a
    // sentence for the operator. The listener outlives stop().
    base::result<void> start(ports::change_listener& listener);

    // What is over by the store's clock is over at every node, whatever its own says: that, as of
    // the last second. Outlived by the store.
    const ports::clock& clock() const noexcept;

    // The vote store of an executor that one thread runs; after start(). Lives as long as the
    // store, which goes before the executor's context.
    ports::vote_store& votes_on(boost::asio::any_io_executor core);

    // Ends what is under way, tells the last results, and ends the thread. Later calls fail with
    // shutting_down.
    void stop();

    // False before start(), after stop(), while no primary answers and while one refuses what votes
    // need. Any thread.
    bool ready() const noexcept;
    // What is wrong with a server, ready or not: a sentence for the operator. Any thread.
    std::string trouble() const;

    ports::answer<domain::event> add_event(domain::event event) override;
    ports::answer<domain::event> change_event(base::event_id event,
                                              domain::event_patch patch) override;
    ports::answer<void> remove_event(base::event_id event) override;
    ports::answer<domain::poll> add_poll(domain::poll poll) override;
    ports::answer<domain::poll> change_poll(base::poll_id poll, domain::poll_patch patch) override;
    ports::answer<void> remove_poll(base::poll_id poll) override;
    ports::answer<domain::poll> move_poll(base::poll_id poll, domain::transition what,
                                          std::optional<base::milliseconds> duration) override;
    // May give fewer numbers than asked when the event's quota is nearly reached.
    ports::answer<ports::number_block> take_numbers(base::event_id event,
                                                    std::uint64_t count) override;
    ports::answer<domain::tenant> add_tenant(domain::tenant tenant) override;
    ports::answer<domain::tenant> change_tenant(base::tenant_id tenant,
                                                domain::tenant_patch patch) override;
    ports::answer<void> remove_tenant(base::tenant_id tenant) override;
    ports::answer<domain::host_key> add_key(domain::host_key key) override;
    ports::answer<void> remove_key(base::tenant_id tenant, base::key_id key) override;
    ports::answer<domain::flag> set_flag(domain::flag flag) override;
    ports::answer<std::string> secret() override;
    ports::answer<bool> catch_up() override;
    ports::answer<ports::token_loan> lease(base::tenant_id tenant, std::uint32_t wanted,
                                           domain::bucket_rate rate) override;
    ports::answer<std::vector<ports::node_word>> call_roll(
        std::optional<ports::node_word> own, std::vector<std::string> strike) override;

private:
    store(const store_options& options, std::unique_ptr<house> home, ports::meter& meter,
          ports::log& log);
    template <class T>
    ports::answer<T> at_home(ports::answer<T> work);

    store_options options_;
    std::unique_ptr<house> house_;
    ports::meter& meter_;
    ports::log& log_;
    std::vector<std::unique_ptr<core_votes>> cores_;
    std::shared_ptr<std::atomic<bool>> stopped_;
};

}  // namespace tallycast::redis
