#include <tallycast/app/cast_vote.hpp>

#include <tallycast/app/lease_tokens.hpp>
#include <tallycast/app/vote_span.hpp>
#include <tallycast/domain/fingerprint.hpp>

#include <algorithm>
#include <limits>

namespace tallycast::app {

namespace asio = boost::asio;

namespace {

using base::errc;
using domain::rejection;
using domain::verdict;
using ports::count;

count counter_of(rejection why) {
    return static_cast<count>(static_cast<int>(count::votes_rejected_invalid) +
                              static_cast<int>(why));
}

// Refused before the store has seen it.
base::failure refused(core& on, const base::poll_id& poll, rejection why, base::failure f) {
    on.refusals.note(poll, why);
    on.meter.add(counter_of(why));
    return f;
}

base::failure limited_by(const limit_answer& limit) {
    base::failure f{errc::rate_limited,
                    "Too many requests for the limit “" + std::string(limit.name) + "”."};
    f.limit = limit.name;
    f.retry_after = std::chrono::ceil<base::milliseconds>(limit.bucket.retry_after);
    return f;
}

std::uint64_t voter_key(const voter_caller& voter) {
    return domain::mix(voter.event.str(), voter.number.value);
}

base::failure too_busy(const core& on) {
    base::failure f{errc::overloaded, "The node is busy; the ballot was not counted."};
    f.retry_after = on.admission.retry_after();
    return f;
}

// The voter who may vote in this poll, through every check that needs no store.
base::result<voter_caller> admitted(core& on, const base::result<caller>& who, const origin& from,
                                    const domain::poll& poll, limit_answer& limit) {
    // Before the token: guessing tokens is limited too.
    limit = on.limits.request(from, on.clock.mono());
    if (!limit.allowed) return refused(on, poll.id, rejection::limited, limited_by(limit));
    if (!who) return refused(on, poll.id, rejection::unauthorised, who.error());
    const auto* voter = std::get_if<voter_caller>(&*who);
    if (voter == nullptr)
        return refused(
            on, poll.id, rejection::unauthorised,
            {errc::voter_token_required, "Join the event first; a vote needs its voter token."});
    if (voter->event != poll.event)
        return refused(on, poll.id, rejection::unauthorised,
                       {errc::wrong_event, "The token is for another event."});
    if (!on.admits(work::vote)) return refused(on, poll.id, rejection::overloaded, too_busy(on));
    limit = on.limits.vote(limit, voter_key(*voter), quota_key(poll.tenant), on.clock.mono());
    if (limit.lease) begin_lease(on, poll.tenant);
    if (!limit.allowed) return refused(on, poll.id, rejection::limited, limited_by(limit));
    return *voter;
}

lane_id lane_of(const domain::poll& poll, base::voter_number voter) {
    return {poll.id, domain::slice_of(voter, poll.slices)};
}

std::string receipt_of(core& on, const base::poll_id& poll, std::uint32_t round,
                       base::voter_number voter, std::uint32_t sequence) {
    const auto mac = on.receipts.of(poll.str() + '.' + std::to_string(round) + '.' +
                                    std::to_string(voter.value) + '.' + std::to_string(sequence));
    return base64url(std::span{mac}.first(15));
}

base::failure late(const domain::decision& decided) {
    base::failure f{errc::poll_closed, "The poll had closed before the ballot came."};
    f.closed_at = decided.closed_at;
    if (decided.closed_at)
        f.late = std::max(decided.at - *decided.closed_at, base::milliseconds{0});
    return f;
}

// Whether the voter chose among other answers than the poll has now, or in an earlier round.
bool is_of_before(const domain::ballot_form& form, const domain::poll& poll) {
    return form.revision != 0 && form.revision < poll.ballot_revision;
}

base::failure changed_since() {
    return {errc::poll_changed, "The poll has changed since. Look at it again and choose."};
}

// What a refusal by the store says, and where the store's ledger has put it.
base::failure failure_of(core& on, const domain::decision& decided) {
    const auto counted_as = [&](rejection why, base::failure f) {
        on.meter.add(counter_of(why));
        return f;
    };
    switch (decided.what) {
        case verdict::already_voted:
            return counted_as(rejection::already_voted,
                              {errc::already_voted, "This voter has voted in this round."});
        case verdict::key_reused:
            return counted_as(rejection::invalid, {errc::idempotency_key_reused,
                                                   "The key came before with another ballot."});
        case verdict::not_voted:
            return counted_as(rejection::invalid,
                              {errc::not_voted, "There is no ballot of this voter."});
        case verdict::change_not_allowed:
            return counted_as(rejection::invalid,
                              {errc::change_not_allowed, "Ballots of this poll stand as cast."});
        case verdict::paused:
            return counted_as(rejection::not_open, {errc::poll_paused, "The poll is paused."});
        case verdict::closed: return counted_as(rejection::late, late(decided));
        case verdict::limited:
            return counted_as(rejection::limited,
                              limited_by(on.limits.change_refused(decided.retry_after)));
        case verdict::not_open:
            return counted_as(rejection::not_open, {errc::poll_not_open, "The poll is not open."});
        default: return counted_as(rejection::invalid, poll_not_found());
    }
}

std::string_view status_of(core& on, verdict what) {
    switch (what) {
        case verdict::counted: on.meter.add(count::votes_counted); return "counted";
        case verdict::changed: on.meter.add(count::votes_changed); return "changed";
        case verdict::replayed: on.meter.add(count::votes_replayed); return "replayed";
        case verdict::withdrawn: on.meter.add(count::votes_withdrawn); return "withdrawn";
        default: return {};
    }
}

base::result<vote_receipt> answer_of(core& on, const base::poll_id& poll, base::voter_number voter,
                                     const base::result<domain::decision>& decided) {
    if (!decided) {
        const bool full = decided.error().code == errc::overloaded;
        return refused(on, poll, full ? rejection::overloaded : rejection::store, decided.error());
    }
    if (decided->what == verdict::counted) on.unshown.counted(poll, decided->at, on.clock.mono());
    const auto status = status_of(on, decided->what);
    if (status.empty()) return failure_of(on, *decided);
    return vote_receipt{status, poll, decided->round,
                        receipt_of(on, poll, decided->round, voter, decided->sequence),
                        decided->at};
}

bool shows_after_vote(const domain::poll& poll) {
    return poll.definition.results == domain::visibility::after_vote;
}

void note_time(core& on, const origin& from, double seconds) {
    if (from.trace != nullptr) on.meter.observe(ports::timing::vote_answer, seconds, *from.trace);
    else on.meter.observe(ports::timing::vote_answer, seconds);
}

// Who has voted may see what others may not, also where they already watch.
void tell_watchers(core& on, const domain::poll& poll, base::voter_number voter,
                   const base::result<vote_receipt>& answer, bool has_ballot) {
    if (answer && shows_after_vote(poll) && on.on_voter_news)
        on.on_voter_news({poll.event, poll.id, answer->round, voter, has_ballot});
}

}  // namespace

bool is_idempotency_key(std::string_view text) {
    return !text.empty() && text.size() <= 64 &&
           std::ranges::all_of(text, [](char c) { return c > 32 && c < 127; });
}

asio::awaitable<base::result<vote_receipt>> cast_vote(core& on, base::result<caller> who,
                                                      origin from, base::poll_id poll_id,
                                                      base::result<domain::ballot_form> form,
                                                      std::string_view key, limit_answer& limited) {
    auto poll = on.catalog.poll(poll_id);
    if (!poll || poll->status == domain::poll_status::draft) co_return poll_not_found();
    on.meter.add(count::votes_received);
    const auto began = on.clock.mono();
    vote_span span(on.tracer, on.clock, from.trace);
    const auto voter = admitted(on, who, from, *poll, limited);
    if (!voter) co_return voter.error();
    if (!form) co_return refused(on, poll_id, rejection::invalid, form.error());

    // Twice: the definition may change between reading the ballot and deciding it.
    for (int attempt = 0; attempt < 2 && poll; ++attempt, poll = on.catalog.poll(poll_id)) {
        if (is_of_before(*form, *poll))
            co_return refused(on, poll_id, rejection::invalid, changed_since());
        const auto ballot = domain::ballot_from(poll->definition, *form);
        if (!ballot) co_return refused(on, poll_id, rejection::invalid, ballot.error());
        const auto tag = key.empty() ? domain::tag_of_ballot(*ballot) : domain::tag_of_key(key);
        auto work = on.batcher.cast(
            lane_of(*poll, voter->number),
            {voter->number, *ballot, tag, poll->revision, on.limits.changes()}, span.times());
        const auto decided = co_await std::move(work);
        if (decided && decided->what == verdict::stale) continue;
        const std::chrono::duration<double> took = on.clock.mono() - began;
        note_time(on, from, took.count());
        if (decided && decided->what == verdict::limited)
            limited = on.limits.change_refused(decided->retry_after);
        auto answer = answer_of(on, poll_id, voter->number, decided);
        bool has_ballot = true;
        if (decided && decided->what == verdict::replayed && shows_after_vote(*poll)) {
            // What was sent again may have been withdrawn since.
            const auto kept = co_await on.votes.ballot_of(poll_id, voter->number);
            has_ballot = kept.has_value();
        }
        tell_watchers(on, *poll, voter->number, answer, has_ballot);
        co_return answer;
    }
    co_return refused(on, poll_id, rejection::overloaded, too_busy(on));
}

asio::awaitable<base::result<vote_receipt>> withdraw_vote(core& on, base::result<caller> who,
                                                          origin from, base::poll_id poll_id,
                                                          std::string_view key,
                                                          limit_answer& limited) {
    const auto poll = on.catalog.poll(poll_id);
    if (!poll || poll->status == domain::poll_status::draft) co_return poll_not_found();
    on.meter.add(count::votes_received);
    const auto voter = admitted(on, who, from, *poll, limited);
    if (!voter) co_return voter.error();
    const auto tag = key.empty() ? 0 : domain::tag_of_key(key);
    // A withdrawal means the same under every definition.
    constexpr auto any_revision = std::numeric_limits<std::uint32_t>::max();
    auto work = on.batcher.cast(lane_of(*poll, voter->number),
                                {voter->number, {}, tag, any_revision, on.limits.changes()});
    const auto decided = co_await std::move(work);
    if (decided && decided->what == verdict::limited)
        limited = on.limits.change_refused(decided->retry_after);
    auto answer = answer_of(on, poll_id, voter->number, decided);
    tell_watchers(on, *poll, voter->number, answer, false);
    co_return answer;
}

asio::awaitable<base::result<own_ballot>> my_ballot(core& on, caller who, base::poll_id poll_id) {
    const auto* voter = std::get_if<voter_caller>(&who);
    if (voter == nullptr)
        co_return base::failure{errc::voter_token_required, "This needs a voter token."};
    auto poll = on.catalog.poll(poll_id);
    if (!poll || poll->status == domain::poll_status::draft) co_return poll_not_found();
    if (voter->event != poll->event)
        co_return base::failure{errc::wrong_event, "The token is for another event."};
    const auto kept = co_await on.votes.ballot_of(poll_id, voter->number);
    if (!kept) co_return kept.error();
    co_return own_ballot{poll, kept->vote,
                         receipt_of(on, poll_id, poll->round, voter->number, kept->sequence)};
}

}  // namespace tallycast::app
