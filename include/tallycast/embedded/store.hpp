#pragma once
// Both stores of a single node. One thread decides group after group, keeps everything live in
// memory, and writes what it decided in one SQLite transaction before any answer goes home; what
// arrives while that commit is under way is the next batch. The file is <data_dir>/tallycast.db.
//
// Threads: as the ports say. start() and stop() belong to one owner and are called once each, in
// this order.

#include <tallycast/ports/change_feed.hpp>
#include <tallycast/ports/clock.hpp>
#include <tallycast/ports/log.hpp>
#include <tallycast/ports/meter.hpp>
#include <tallycast/ports/poll_store.hpp>
#include <tallycast/ports/vote_store.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace tallycast::embedded {

// What an answer has survived: the process that gave it (memory: not even the system; async: a
// crash of the process, not a loss of power; fsync: both).
enum class durability : std::uint8_t { memory = 1, async, fsync };

struct store_options {
    std::string data_dir;  // ":memory:" keeps nothing
    durability level = durability::fsync;
    std::size_t queue_limit = 4096;         // commands waiting; a group of votes is one
    std::size_t snapshots_per_second = 10;  // of each poll, 1 to 1000
};

class engine;

class store final : public ports::vote_store, public ports::poll_store {
public:
    // Opens or creates the file, reads everything back and checks it. Fails with store_unavailable
    // and a sentence that names the file; a file that is not ours, newer, damaged or in use is left
    // as it was. Clock, meter and log outlive the store.
    static base::result<std::unique_ptr<store>> open(const store_options& options,
                                                     const ports::clock& clock, ports::meter& meter,
                                                     ports::log& log);
    ~store() override;
    store(const store&) = delete;
    store& operator=(const store&) = delete;

    // Tells the listener every tenant, key, event and poll, and the results of each poll that is no
    // draft; returns when it knows them; then serves. Calls made before wait until now.
    // The listener outlives stop().
    void start(ports::change_listener& listener);

    // Decides, writes and answers what is queued, tells the last results, and ends the thread.
    // Later calls fail with shutting_down.
    void stop();

    // False before start(), after stop() and while the file cannot be written. Any thread.
    bool ready() const noexcept;

    boost::asio::awaitable<base::result<std::vector<domain::decision>>> cast(
        ports::vote_group group) override;
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

    ports::answer<domain::event> add_event(domain::event event) override;
    ports::answer<domain::event> change_event(base::event_id event,
                                              ports::event_patch patch) override;
    ports::answer<void> remove_event(base::event_id event) override;
    ports::answer<domain::poll> add_poll(domain::poll poll) override;
    ports::answer<domain::poll> change_poll(base::poll_id poll, ports::poll_patch patch) override;
    ports::answer<void> remove_poll(base::poll_id poll) override;
    ports::answer<domain::poll> move_poll(base::poll_id poll, domain::transition what,
                                          std::optional<base::milliseconds> duration) override;
    // May give fewer numbers than asked when the event's quota is nearly reached.
    ports::answer<ports::number_block> take_numbers(base::event_id event,
                                                    std::uint64_t count) override;
    ports::answer<domain::tenant> add_tenant(domain::tenant tenant) override;
    ports::answer<domain::tenant> change_tenant(base::tenant_id tenant,
                                                ports::tenant_patch patch) override;
    ports::answer<void> remove_tenant(base::tenant_id tenant) override;
    ports::answer<domain::host_key> add_key(domain::host_key key) override;
    ports::answer<void> remove_key(base::tenant_id tenant, base::key_id key) override;
    ports::answer<domain::flag> set_flag(domain::flag flag) override;
    ports::answer<std::string> secret() override;
    ports::answer<bool> catch_up() override;

private:
    explicit store(std::unique_ptr<engine> running);

    std::unique_ptr<engine> engine_;
};

}  // namespace tallycast::embedded
