#pragma once
// The store's thread: takes what has arrived, has it decided and written, and sends the answers
// home. The order of arrival is the order of decision for votes and writes; reads come after both.

#include "announcer.hpp"
#include "ballot_desk.hpp"
#include "command.hpp"
#include "host_desk.hpp"
#include "inbox.hpp"
#include "journal.hpp"
#include "state.hpp"

#include <tallycast/embedded/store.hpp>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

namespace tallycast::embedded {

class engine {
public:
    engine(const store_options& options, state live, database db, rows tables,
           const ports::clock& clock, ports::meter& meter, ports::log& log);
    ~engine();

    void start(ports::change_listener& listener);
    void stop();
    // Not while the file cannot be written, nor while the thread has been at one batch for too
    // long.
    bool ready() const noexcept;

    void submit(command_ptr one);  // any thread; always answered

private:
    void serve();
    void handle(std::vector<command_ptr> taken);
    void commit_votes();
    void move_due(base::wall_time now);
    void tick();
    void show_ready(bool ready);
    std::optional<base::milliseconds> longest_wait() const;

    const ports::clock& clock_;
    ports::meter& meter_;
    state live_;
    journal file_;
    announcer feed_;
    ballot_desk ballots_;
    host_desk host_;
    desks desks_;
    inbox inbox_;
    std::vector<command_ptr> decided_;  // votes whose answers wait for their commit
    std::optional<base::mono_time> ledgers_due_;
    std::atomic<bool> ready_{false};
    std::atomic<base::mono_time> busy_since_{base::mono_time::max()};  // max: waiting for work
    std::thread thread_;
};

}  // namespace tallycast::embedded
