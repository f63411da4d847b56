#include "host_desk.hpp"

#include "place.hpp"

#include <algorithm>
#include <utility>

namespace tallycast::redis {

namespace asio = boost::asio;

namespace {

using base::errc;
using base::failure;

constexpr std::chrono::milliseconds patience{2000};
constexpr std::chrono::seconds time_to_come_late{15};  // what a node was about to write

failure no_poll() { return {errc::poll_not_found, "There is no such poll."}; }

kept_poll kept_as(domain::poll poll, std::uint32_t ballot_revision) {
    auto row = row_of(poll_row{poll, ballot_revision});
    return {std::make_shared<const domain::poll>(std::move(poll)), ballot_revision, std::move(row)};
}

std::string round_field(const domain::poll& poll, std::uint32_t round) {
    return poll.id.str() + ':' + std::to_string(round);
}

void put_poll(catalog_write& what, const kept_poll& kept) {
    const auto& poll = *kept.poll;
    what.set("polls", poll.id.str(), kept.row);
    what.set("rounds", round_field(poll, poll.round), row_of(poll.definition));
    what.tell(change_kind::poll, kept.row);
}

bool ends_votes(domain::poll_status before, domain::poll_status after) {
    return after != before && after != domain::poll_status::draft &&
           after != domain::poll_status::open;
}

}  // namespace

base::result<host_desk::plan<kept_poll>> host_desk::with_poll(const domain::poll& poll) const {
    const auto* event = known_.event(poll.event);
    if (!event) return failure(errc::event_not_found, "There is no such event.");
    if (known_.poll(poll.id)) return failure(errc::invalid_request, "The id is in use.");
    const auto* tenant = known_.tenant(event->event->tenant);
    if (!tenant) return failure(errc::tenant_not_found, "There is no such tenant.");
    auto definition = domain::checked(poll.definition);
    if (!definition) return definition.error();
    auto added = poll;
    added.definition = std::move(*definition);
    added.tenant = tenant->tenant->id;
    added.round = 1;
    added.slices = slice_count_ != 0 ? slice_count_
                                     : static_cast<std::uint16_t>(std::clamp<std::size_t>(
                                           redis_.primary_count(), 1, place_count));
    const auto revision = added.revision;
    const auto kept = kept_as(std::move(added), revision);
    const auto polls_of_event = "polls:" + poll.event.str();
    catalog_write what;
    what.is("polls", poll.id.str(), std::nullopt);
    what.is("events", poll.event.str(), event->row);
    what.below("counts", polls_of_event, tenant->tenant->quotas.polls_per_event);
    what.add("counts", polls_of_event, 1);
    put_poll(what, kept);
    return plan<kept_poll>{
        kept, std::move(what),
        failure(errc::quota_exceeded, "The event has as many polls as it may have.")};
}

ports::answer<domain::poll> host_desk::add_poll(domain::poll poll) {
    planner<kept_poll> decide = [this, poll = std::move(poll)] { return with_poll(poll); };
    auto work = carried_out<kept_poll>(std::move(decide));
    const auto kept = co_await std::move(work);
    if (!kept) co_return kept.error();
    auto placing = placed(*kept);
    const auto done = co_await std::move(placing);
    if (!done) co_return done.error();
    co_return *kept->poll;
}

ports::answer<domain::poll> host_desk::tried_until_done(attempt once) {
    for (int attempts = 0; attempts < most_attempts; ++attempts) {
        auto work = once();
        auto done = co_await std::move(work);
        if (!done) co_return done.error();
        if (*done) co_return std::move(**done);
    }
    co_return contended();
}

ports::answer<domain::poll> host_desk::change_poll(base::poll_id id, domain::poll_patch patch) {
    return tried_until_done(
        [this, id = std::move(id), patch = std::move(patch)] { return change_once(id, patch); });
}

ports::answer<std::optional<domain::poll>> host_desk::change_once(base::poll_id id,
                                                                  domain::poll_patch patch) {
    auto fresh = co_await catalog_.catch_up();
    if (!fresh) co_return fresh.error();
    const auto* known = known_.poll(id);
    if (!known) co_return no_poll();
    const auto before = *known;
    auto asking = had_votes(before.poll);
    const auto voted = co_await std::move(asking);
    if (!voted) co_return voted.error();
    auto after = domain::patched(*before.poll, patch, *voted);
    if (!after) co_return after.error();
    if (after->revision == before.poll->revision) co_return std::optional(std::move(*after));
    const bool new_meaning = domain::changes_ballots(before.poll->definition, after->definition);
    auto work = settle(before, std::move(*after), new_meaning);
    co_return co_await std::move(work);
}

ports::answer<domain::poll> host_desk::move_poll(base::poll_id id, domain::transition what,
                                                 std::optional<base::milliseconds> duration) {
    return tried_until_done(
        [this, id = std::move(id), what, duration] { return move_once(id, what, duration); });
}

ports::answer<std::optional<domain::poll>> host_desk::move_once(
    base::poll_id id, domain::transition what, std::optional<base::milliseconds> duration) {
    auto fresh = co_await catalog_.catch_up();
    if (!fresh) co_return fresh.error();
    const auto* known = known_.poll(id);
    if (!known) co_return no_poll();
    const auto before = *known;
    domain::transition_options options{.duration = duration};
    if (what == domain::transition::reset) {
        auto asking = had_votes(before.poll);
        const auto voted = co_await std::move(asking);
        if (!voted) co_return voted.error();
        options.round_has_votes = *voted;
    }
    auto after = domain::step(*before.poll, what, options, catalog_.now());
    if (!after) co_return after.error();
    if (after->revision != before.poll->revision) {
        auto work = settle(before, std::move(*after), false);
        co_return co_await std::move(work);
    }
    // A step that is repeated is finished like the first: every slice has it.
    auto placing = placed(before);
    const auto done = co_await std::move(placing);
    if (!done) co_return done.error();
    co_return std::optional(std::move(*after));
}

ports::answer<std::optional<domain::poll>> host_desk::settle(kept_poll before, domain::poll after,
                                                             bool new_meaning) {
    const auto ballot_revision = new_meaning ? after.revision : before.ballot_revision;
    // While what ballots mean changes there must be none, nor come one.
    if (new_meaning && before.poll->status != domain::poll_status::draft) {
        auto work = held_without_votes(before);
        const auto held = co_await std::move(work);
        if (!held) co_return held.error();
        if (!*held)
            co_return failure(errc::poll_has_votes,
                              "Options and rules are fixed once there are votes.");
    }
    const auto kept = kept_as(std::move(after), ballot_revision);
    catalog_write what;
    what.is("polls", before.poll->id.str(), before.row);
    if (ends_votes(before.poll->status, kept.poll->status)) what.though_full();
    put_poll(what, kept);
    auto writing = write(std::move(what));
    const auto done = co_await std::move(writing);
    if (!done) {
        unfinished_(before.poll->id);
        co_return done.error();
    }
    if (!done->written) co_return std::optional<domain::poll>();
    auto placing = placed(kept);
    const auto there = co_await std::move(placing);
    if (!there) co_return there.error();
    co_return std::optional(*kept.poll);
}

ports::answer<host_desk::placement> host_desk::placed(kept_poll poll) {
    const auto id = poll.poll->id;
    auto work = slices_.place(std::move(poll));
    const auto all = co_await std::move(work);
    if (!all) {
        unfinished_(id);
        co_return all.error();
    }
    feed_.heard(*all);
    co_return placement{std::ranges::any_of(
        *all, [](const auto& slice) { return slice.what == slice_verdict::held; })};
}

// Of several that hold at the same time none releases what another relies on: where one finds a
// vote all do, because it came before any of them held that slice.
ports::answer<bool> host_desk::held_without_votes(kept_poll poll) {
    auto work = slices_.hold(poll);
    const auto held = co_await std::move(work);
    if (!held) {
        unfinished_(poll.poll->id);
        co_return held.error();
    }
    const bool voted = std::ranges::any_of(
        *held, [](const auto& slice) { return slice.what == slice_verdict::has_votes; });
    if (!voted) co_return true;
    auto releasing = slices_.release(poll);
    const auto released = co_await std::move(releasing);
    if (!released) {
        unfinished_(poll.poll->id);
        co_return released.error();
    }
    co_return false;
}

ports::answer<bool> host_desk::had_votes(std::shared_ptr<const domain::poll> poll) {
    const auto round = poll->round;
    auto work = slices_.read(std::move(poll), round);
    const auto all = co_await std::move(work);
    if (!all) co_return all.error();
    bool voted = false;
    for (const auto& slice : *all)
        voted = voted || (slice.counts && slice.counts->ledger.counted > 0);
    co_return voted;
}

ports::answer<void> host_desk::remove_poll(base::poll_id id) {
    return removed([this, id = std::move(id)]() -> base::result<plan<doomed>> {
        const auto* kept = known_.poll(id);
        if (!kept) return no_poll();
        doomed gone;
        catalog_write what;
        what.is("polls", id.str(), kept->row);
        what.add("counts", "polls:" + kept->poll->event.str(), -1);
        remove_poll_rows(what, *kept, gone);
        return plan<doomed>{std::move(gone), std::move(what)};
    });
}

// The rows go first, so that nobody votes any more; then the slices. The poll is among the dropped
// until some node has swept it a while later, whatever becomes of this one.
void host_desk::remove_poll_rows(catalog_write& what, const kept_poll& kept, doomed& gone) const {
    const auto& poll = *kept.poll;
    what.though_full().remove("polls", poll.id.str());
    for (std::uint32_t round = 1; round <= poll.round; ++round)
        what.remove("rounds", round_field(poll, round));
    const dropped_poll dropped{{poll, kept.ballot_revision}, catalog_.now()};
    what.set("dropped", poll.id.str(), row_of(dropped));
    what.tell(change_kind::poll_removed, poll.id.str(), poll.event.str());
    gone.polls.push_back(kept.poll);
}

asio::awaitable<void> host_desk::sweep(std::vector<std::shared_ptr<const domain::poll>> polls) {
    for (const auto& poll : polls) {
        auto work = slices_.remove(poll);
        const auto gone = co_await std::move(work);
        if (!gone) co_return;
    }
}

ports::answer<std::vector<dropped_poll>> host_desk::dropped_polls() {
    pipeline calls{command{"HVALS", catalog_key("dropped")}};
    auto work = redis_.call(slot_of(catalog_tag), std::move(calls), patience);
    const auto answers = co_await std::move(work);
    if (!answers) co_return failure_of(answers.error());
    std::vector<dropped_poll> dropped;
    for (const auto& row : answers->front().items)
        if (auto one = dropped_in(row.text)) dropped.push_back(std::move(*one));
    co_return dropped;
}

// Several nodes may do so at once; nobody minds. A poll whose id is in use again has its keys.
asio::awaitable<void> host_desk::sweep_dropped() {
    auto asking = dropped_polls();
    const auto dropped = co_await std::move(asking);
    if (!dropped) co_return;
    catalog_write swept;
    swept.though_full();
    for (const auto& one : *dropped) {
        if (catalog_.now() - one.since < time_to_come_late) continue;
        const auto poll = std::make_shared<const domain::poll>(one.row.poll);
        if (!known_.poll(poll->id)) {
            auto work = slices_.remove(poll);
            const auto gone = co_await std::move(work);
            if (!gone) continue;
        }
        swept.remove("dropped", poll->id.str());
    }
    if (swept.empty()) co_return;
    auto work = write(std::move(swept));
    co_await std::move(work);
}

asio::awaitable<base::result<void>> host_desk::move_due() {
    for (;;) {
        const auto next = known_.next_due();
        if (!next || next->first > catalog_.now()) co_return base::result<void>();
        const auto* known = known_.poll(next->second);
        const auto before = *known;
        auto after = domain::due(*before.poll, catalog_.now());
        if (!after) co_return base::result<void>();
        auto work = settle(before, std::move(*after), false);
        const auto done = co_await std::move(work);
        if (!done) co_return done.error();
    }
}

// Whoever held the ballots may have died, or may yet write: the same poll under a new revision ends
// the waiting and keeps that write from happening, in this order.
asio::awaitable<base::result<void>> host_desk::place_again(base::poll_id id) {
    auto fresh = co_await catalog_.catch_up();
    if (!fresh) co_return fresh.error();
    const auto* known = known_.poll(id);
    if (!known) co_return no_poll();
    const auto kept = *known;
    auto placing = placed(kept);
    const auto there = co_await std::move(placing);
    if (!there) co_return there.error();
    if (!there->held) co_return base::result<void>();
    auto renewed = *kept.poll;
    ++renewed.revision;
    auto work = settle(kept, std::move(renewed), false);
    const auto done = co_await std::move(work);
    if (!done) co_return done.error();
    co_return base::result<void>();
}

}  // namespace tallycast::redis
