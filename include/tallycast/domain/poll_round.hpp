#pragma once
// One round of a poll: sheet, tally, ledger and version moving together. This is where a ballot is
// decided, once, by whoever holds the round (the embedded store's thread, or its model in a test).
// Pure: no clock, no I/O; single-threaded.

#include <tallycast/domain/ballot_sheet.hpp>
#include <tallycast/domain/ledger.hpp>
#include <tallycast/domain/poll.hpp>
#include <tallycast/domain/tally.hpp>

#include <cstdint>
#include <memory>
#include <optional>

namespace tallycast::domain {

// How often a voter may act in a round: so many times at will, then once in a while. In any t that
// is at most at_will + t / between.
struct change_pace {
    std::uint32_t at_will = 1;
    base::milliseconds between{0};  // 0: as often as they like
};

// One ballot on its way to a decision. An empty vote is a withdrawal.
struct vote_request {
    base::voter_number voter;
    ballot vote;
    std::uint32_t tag = 0;       // fingerprint.hpp; never 0 for a vote
    std::uint32_t revision = 0;  // of the poll under which the ballot was read
    change_pace pace;
};

enum class verdict : std::uint8_t {
    counted = 1,
    changed,
    replayed,
    withdrawn,
    already_voted,
    key_reused,
    not_voted,           // a withdrawal of nothing
    change_not_allowed,  // a withdrawal where ballots stand
    not_open,
    paused,
    closed,
    stale,      // read under a definition that has changed since: read again and repeat
    not_found,  // no such poll
    limited,    // acted too lately to act again
};

struct decision {
    verdict what = verdict::not_found;
    std::uint32_t round = 0;
    std::uint32_t sequence =
        0;  // which of the voter's actions this is, or was when replayed; makes the receipt
    base::wall_time at{};                      // the store's clock
    std::optional<base::wall_time> closed_at;  // closed only
    base::milliseconds retry_after{0};         // limited only: until it would be taken
};

// Everything needed to take one accepted action back, or to apply it again from a log.
struct applied_vote {
    base::voter_number voter;
    sheet_record before;
    ballot vote;  // empty: withdrawn
    std::uint32_t tag = 0;
    base::wall_time at{};  // when it was decided; 0: nobody knows any more
};

class poll_round {
public:
    poll_round(const poll_definition& definition, std::uint32_t number, std::uint64_t version);

    // Decides and, when the answer is counted, changed or withdrawn, moves sheet, tally and version
    // and fills `applied`. Every call adds one received and one outcome to the ledger. The caller
    // has seen that the poll is open; otherwise it calls refuse().
    //   - same tag and same ballot among the remembered: replayed, with the sequence it had then
    //   - same keyed tag, another ballot: key_reused
    //   - a keyless ballot is recognised back to the voter's latest withdrawal, not past it
    //   - less than the pace says after the voter's last action: limited
    //   - otherwise: first ballot (or first after a withdrawal) counted; then changed, or
    //   already_voted
    decision cast(const vote_request& request, base::wall_time now,
                  std::optional<applied_vote>& applied);

    // For ballots that do not reach cast(): counts them as received and rejected.
    void refuse(rejection why) {
        ++ledger_.received;
        ++ledger_.of(why);
    }

    // Replays an accepted action from a log; the ledger is not touched.
    void apply_again(const applied_vote& action);

    // Takes back an action whose storage failed. Actions are undone newest first. The ledger and
    // the version are restored by the caller from copies taken before.
    void undo(const applied_vote& action);

    // The status of the poll is part of what a version names.
    void touch() { ++version_; }

    std::uint32_t number() const noexcept { return number_; }
    std::uint64_t version() const noexcept { return version_; }
    const ballot_sheet& sheet() const noexcept { return sheet_; }
    const domain::tally& tally() const noexcept { return tally_; }
    const domain::ledger& ledger() const noexcept { return ledger_; }
    const poll_definition& definition() const noexcept { return definition_; }
    void restore(const domain::ledger& l, std::uint64_t version) {
        ledger_ = l;
        version_ = version;
    }
    void note(const domain::ledger& refused_elsewhere) { ledger_ += refused_elsewhere; }

    // Counts the sheet from scratch; equal to tally() unless there is a fault.
    domain::tally recount() const;

private:
    void put(const applied_vote& action);

    poll_definition definition_;
    std::uint32_t number_;
    std::uint64_t version_;
    ballot_sheet sheet_;
    domain::tally tally_;
    domain::ledger ledger_;
};

}  // namespace tallycast::domain
