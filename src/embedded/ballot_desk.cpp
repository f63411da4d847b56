#include "ballot_desk.hpp"

#include <tallycast/embedded/log_codec.hpp>

#include <optional>

namespace tallycast::embedded {

namespace {

domain::decision verdict_of(domain::verdict what) {
    domain::decision d;
    d.what = what;
    return d;
}

// What the poll's status says to a ballot that was not counted before.
domain::decision turned_away(const domain::poll& poll, domain::poll_round& round) {
    switch (poll.status) {
        case domain::poll_status::paused:
            round.refuse(domain::rejection::not_open);
            return verdict_of(domain::verdict::paused);
        case domain::poll_status::closed:
        case domain::poll_status::archived: {
            round.refuse(domain::rejection::late);
            auto closed = verdict_of(domain::verdict::closed);
            closed.closed_at = poll.closed_at;
            return closed;
        }
        default: break;
    }
    round.refuse(domain::rejection::not_open);
    return verdict_of(domain::verdict::not_open);
}

// A ballot that comes again after the poll was paused or closed gets the answer it had. Found by
// casting it and taking everything back unless it was a replay: so there is one place that knows
// what a replay is.
std::optional<domain::decision> replay(domain::poll_round& round,
                                       const domain::vote_request& request, base::wall_time now) {
    if (round.sheet().read(request.voter).sequence == 0) return std::nullopt;
    const auto ledger = round.ledger();
    const auto version = round.version();
    std::optional<domain::applied_vote> applied;
    const auto tried = round.cast(request, now, applied);
    if (tried.what == domain::verdict::replayed) return tried;
    if (applied) round.undo(*applied);
    round.restore(ledger, version);
    return std::nullopt;
}

}  // namespace

base::result<std::vector<domain::decision>> ballot_desk::cast(const ports::vote_group& group,
                                                              base::wall_time now) {
    if (group.votes.size() > max_group)
        return base::failure(base::errc::invalid_request, "Too many ballots in a group.");
    if (!file_.writable()) return journal::unavailable();
    std::vector<domain::decision> decisions(group.votes.size());
    auto* entry = live_.poll(group.poll);
    auto* batch = entry && !group.votes.empty() ? &remember(*entry) : nullptr;
    for (std::size_t i = 0; i < decisions.size(); ++i) {
        if (entry) {
            decisions[i] = decide(*entry, *batch, group.votes[i], now);
            decisions[i].round = entry->poll->round;
        }
        decisions[i].at = now;
    }
    return decisions;
}

ballot_desk::moved_round& ballot_desk::remember(poll_entry& entry) {
    const auto& count = entry.current().count;
    return batch_
        .try_emplace(&entry.current(), moved_round{&entry, count.ledger(), count.version(), {}})
        .first->second;
}

domain::decision ballot_desk::decide(const poll_entry& entry, moved_round& batch,
                                     const domain::vote_request& request, base::wall_time now) {
    auto& kept = entry.current();
    const auto voter = request.voter.value;
    if (voter == 0 || voter > max_voter_number) return verdict_of(domain::verdict::not_found);
    if (request.revision < entry.poll->ballot_revision) return verdict_of(domain::verdict::stale);
    if (entry.poll->status != domain::poll_status::open) {
        const auto again = replay(kept.count, request, now);
        return again ? *again : turned_away(*entry.poll, kept.count);
    }
    std::optional<domain::applied_vote> applied;
    const auto decision = kept.count.cast(request, now, applied);
    if (applied) {
        append_action(batch.row, {applied->voter, applied->vote, applied->tag});
        accepted_.emplace_back(&kept, *applied);
    }
    return decision;
}

bool ballot_desk::commit() {
    if (batch_.empty()) return true;
    const bool needs_write = !accepted_.empty();
    const bool kept =
        !needs_write || file_.transact([this](rows& tables) { return write(tables); });
    if (kept) settled(needs_write);
    else take_back();
    batch_.clear();
    accepted_.clear();
    return kept;
}

bool ballot_desk::write(rows& tables) {
    for (const auto& [round, before] : batch_) {
        const auto& id = before.entry->poll->id;
        const auto number = round->count.number();
        if (!before.row.empty() && !tables.append_log(id, number, before.row)) return false;
        if (!tables.put(id, number, round->count.ledger(), round->count.version())) return false;
    }
    return write_unsaved(tables);
}

bool ballot_desk::write_unsaved(rows& tables) {
    for (const auto& [id, number] : unsaved_) {
        const auto* entry = live_.poll(id);  // it may have been removed since
        const auto* round = entry ? entry->round(number) : nullptr;
        if (round && !tables.put(id, number, round->count.ledger(), round->count.version()))
            return false;
    }
    return true;
}

void ballot_desk::take_back() {
    for (auto at = accepted_.rbegin(); at != accepted_.rend(); ++at)
        at->first->count.undo(at->second);
    for (const auto& [round, before] : batch_) round->count.restore(before.ledger, before.version);
}

void ballot_desk::settled(bool written) {
    if (written) unsaved_.clear();
    for (const auto& [round, before] : batch_) {
        if (!written) unsaved_.insert({before.entry->poll->id, round->count.number()});
        if (round->count.version() != before.version) feed_.results_moved(*before.entry);
    }
}

void ballot_desk::note(const base::poll_id& poll, const domain::ledger& refused) {
    auto* entry = live_.poll(poll);
    if (!entry) return;
    entry->current().count.note(refused);
    unsaved_.insert({poll, entry->poll->round});
}

void ballot_desk::write_ledgers() {
    if (unsaved_.empty()) return;
    if (file_.transact([this](rows& tables) { return write_unsaved(tables); })) unsaved_.clear();
}

}  // namespace tallycast::embedded
