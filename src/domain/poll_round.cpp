#include <tallycast/domain/poll_round.hpp>

#include <algorithm>

namespace tallycast::domain {

namespace {

// Of the newest action the ballot itself is at hand, of older ones only its fingerprint.
bool came_with(const sheet_record& record, const sheet_record::entry& entry, ballot vote) {
    return &entry == &record.recent.front() ? record.vote == vote : entry.body == body_of(vote);
}

// The voter's action that this request repeats, as far as it is remembered. A key names its action
// whatever ballot comes with it; without a key the ballot must be the same, not only its tag, and
// the one that stands is repeated whatever key it had.
const sheet_record::entry* remembered(const sheet_record& record, std::uint32_t tag, ballot vote) {
    const bool keyed = is_keyed(tag);
    if (!keyed && !vote.empty() && record.vote == vote) return &record.recent.front();
    for (const auto& entry : record.recent) {
        if (tag != 0 && entry.tag == tag && (keyed || came_with(record, entry, vote)))
            return &entry;
        // What was sent without a key before a withdrawal may be meant anew after it.
        if (entry.body == 0 && !keyed) return nullptr;
    }
    return nullptr;
}

std::uint32_t sequence_of(const sheet_record& record, const sheet_record::entry* entry) {
    return record.sequence - static_cast<std::uint32_t>(entry - record.recent.data());
}

// Until the voter may act again; 0: now, also where the clock was set back to before the last time,
// because nobody knows how long ago that was.
base::milliseconds wait_of(const sheet_record& record, const change_pace& pace,
                           base::wall_time now) {
    const bool at_will = pace.between.count() == 0 || record.sequence < pace.at_will;
    if (at_will || record.acted_at == base::wall_time{}) return base::milliseconds{0};
    const auto since = now - record.acted_at;
    if (since.count() < 0) return base::milliseconds{0};
    return std::max(pace.between - since, base::milliseconds{0});
}

}  // namespace

poll_round::poll_round(const poll_definition& definition, std::uint32_t number,
                       std::uint64_t version)
    : definition_(definition),
      number_(number),
      version_(version),
      sheet_(definition),
      tally_(definition) {}

decision poll_round::cast(const vote_request& request, base::wall_time now,
                          std::optional<applied_vote>& applied) {
    applied.reset();
    ++ledger_.received;
    const auto tag = sheet_.stored(request.tag);
    const auto before = sheet_.read(request.voter);
    const auto answer = [&](verdict what, std::uint32_t sequence = 0) {
        return decision{what, number_, sequence, {}, {}, {}};
    };
    const auto reject = [&](rejection why, verdict what) {
        ++ledger_.of(why);
        return answer(what);
    };

    const bool standing = !definition_.rules.allow_change;
    if (standing && request.vote.empty())
        return reject(rejection::invalid, verdict::change_not_allowed);
    if (const auto* entry = remembered(before, tag, request.vote)) {
        if (!came_with(before, *entry, request.vote))
            return reject(rejection::invalid, verdict::key_reused);
        ++ledger_.replayed;
        return answer(verdict::replayed, sequence_of(before, entry));
    }
    if (request.vote.empty() && before.vote.empty())
        return reject(rejection::invalid, verdict::not_voted);
    if ((standing && !before.vote.empty()) || before.sequence == max_sequence)
        return reject(rejection::already_voted, verdict::already_voted);
    if (const auto wait = wait_of(before, request.pace, now); wait.count() > 0) {
        auto limited = reject(rejection::limited, verdict::limited);
        limited.retry_after = wait;
        return limited;
    }

    applied = applied_vote{request.voter, before, request.vote, tag, now};
    put(*applied);
    const auto sequence = before.sequence + 1;
    if (request.vote.empty()) return ++ledger_.withdrawn, answer(verdict::withdrawn, sequence);
    if (before.vote.empty()) return ++ledger_.counted, answer(verdict::counted, sequence);
    return ++ledger_.changed, answer(verdict::changed, sequence);
}

void poll_round::put(const applied_vote& action) {
    const auto& [voter, before, vote, tag, at] = action;
    sheet_record after = before;
    std::shift_right(after.recent.begin(), after.recent.end(), 1);
    after.recent[0] = {tag, body_of(vote)};
    after.vote = vote;
    after.sequence = before.sequence + 1;
    after.acted_at = at;
    sheet_.write(voter, after);
    if (!before.vote.empty()) tally_.remove(definition_, before.vote);
    if (!vote.empty()) tally_.add(definition_, vote);
    ++version_;
}

void poll_round::apply_again(const applied_vote& action) {
    put({action.voter, sheet_.read(action.voter), action.vote, action.tag, action.at});
}

void poll_round::undo(const applied_vote& action) {
    sheet_.write(action.voter, action.before);
    if (!action.vote.empty()) tally_.remove(definition_, action.vote);
    if (!action.before.vote.empty()) tally_.add(definition_, action.before.vote);
}

tally poll_round::recount() const {
    domain::tally fresh(definition_);
    sheet_.walk({}, [&](base::voter_number, const sheet_record& record) {
        if (!record.vote.empty()) fresh.add(definition_, record.vote);
        return true;
    });
    return fresh;
}

}  // namespace tallycast::domain
