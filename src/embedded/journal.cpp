#include "journal.hpp"

#include <chrono>
#include <utility>

namespace tallycast::embedded {

journal::journal(database db, rows tables, std::string path, const ports::clock& clock,
                 ports::meter& meter, ports::log& log)
    : db_(std::move(db)),
      tables_(std::move(tables)),
      path_(std::move(path)),
      clock_(clock),
      meter_(meter),
      log_(log) {}

bool journal::try_again(base::mono_time now) {
    if (!next_trial_ || now < *next_trial_) return false;
    const auto trial = [&](rows& tables) {
        return tables.try_write(clock_.wall().time_since_epoch().count());
    };
    if (!attempt(trial)) return false;
    next_trial_.reset();
    log_.write(ports::severity::warn, "the store can write again", {{"file", path_}});
    return true;
}

base::failure journal::unavailable() {
    base::failure f(base::errc::store_unavailable,
                    "The store cannot keep anything at the moment; nothing was changed.");
    f.retry_after = trial_interval;
    return f;
}

void journal::committed(base::mono_time began) {
    meter_.add(ports::count::store_commits);
    meter_.observe(ports::timing::store_commit,
                   std::chrono::duration<double>(clock_.mono() - began).count());
}

void journal::failed() {
    const auto why = db_.error();
    if (db_.in_transaction()) db_.run("ROLLBACK");
    meter_.add(ports::count::store_failures);
    if (!next_trial_)
        log_.write(ports::severity::error, "the store cannot write; votes are refused until it can",
                   {{"file", path_}, {"reason", why}});
    next_trial_ = clock_.mono() + trial_interval;
}

}  // namespace tallycast::embedded
