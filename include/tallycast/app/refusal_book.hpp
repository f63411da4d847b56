#pragma once
// Ballots a core refused before they reached the store, by poll, until the store's ledger has them.
// One entry a poll of the catalog, so it cannot be grown from outside. Single-threaded.

#include <tallycast/base/id.hpp>
#include <tallycast/domain/ledger.hpp>

#include <unordered_map>
#include <utility>

namespace tallycast::app {

class refusal_book {
public:
    void note(const base::poll_id& poll, domain::rejection why) {
        auto& entry = waiting_[poll];
        ++entry.received;
        ++entry.of(why);
    }
    // What was taken and could not be handed in.
    void put_back(const base::poll_id& poll, const domain::ledger& refused) {
        waiting_[poll] += refused;
    }
    bool empty() const noexcept { return waiting_.empty(); }
    std::unordered_map<base::poll_id, domain::ledger> take() { return std::exchange(waiting_, {}); }

private:
    std::unordered_map<base::poll_id, domain::ledger> waiting_;
};

}  // namespace tallycast::app
