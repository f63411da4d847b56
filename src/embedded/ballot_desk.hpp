#pragma once
// Where votes are decided: in memory, vote after vote, and kept by commit() in one transaction for
// all that were decided since the last. When that fails everything is as it was after the last one.
// Store's thread only; polls do not change between a cast() and its commit().

#include "announcer.hpp"
#include "journal.hpp"
#include "state.hpp"

#include <tallycast/base/error.hpp>
#include <tallycast/ports/vote_store.hpp>

#include <cstddef>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tallycast::embedded {

inline constexpr std::size_t max_group = 256;

class ballot_desk {
public:
    ballot_desk(state& live, journal& file, announcer& feed)
        : live_(live), file_(file), feed_(feed) {}

    // The answer holds once commit() has worked. The caller has moved every poll that is due at
    // `now`.
    base::result<std::vector<domain::decision>> cast(const ports::vote_group& group,
                                                     base::wall_time now);

    // Accepted since the last commit.
    std::size_t accepted() const noexcept { return accepted_.size(); }

    // False when all of it was taken back. Tells the results that moved.
    bool commit();

    // Between commits only. Ledgers that moved without an accepted vote wait for the next write.
    void note(const base::poll_id& poll, const domain::ledger& refused);
    bool ledgers_wait() const noexcept { return !unsaved_.empty(); }
    void write_ledgers();

private:
    // A round as it was before the batch, and what the log gets.
    struct moved_round {
        poll_entry* entry = nullptr;
        domain::ledger ledger;
        std::uint64_t version = 0;
        std::vector<std::byte> row;
    };

    moved_round& remember(poll_entry& entry);
    domain::decision decide(const poll_entry& entry, moved_round& batch,
                            const domain::vote_request& request, base::wall_time now);
    bool write(rows& tables);
    bool write_unsaved(rows& tables);
    void take_back();
    void settled(bool written);

    state& live_;
    journal& file_;
    announcer& feed_;
    std::unordered_map<kept_round*, moved_round> batch_;
    std::vector<std::pair<kept_round*, domain::applied_vote>> accepted_;
    std::set<std::pair<base::poll_id, std::uint32_t>> unsaved_;
};

}  // namespace tallycast::embedded
