#include "host_desk.hpp"

#include "place.hpp"

#include <algorithm>
#include <utility>

namespace tallycast::redis {

namespace asio = boost::asio;

namespace {

using base::errc;
using base::failure;

constexpr int most_attempts = 8;  // against other nodes that change the same

failure no_poll() { return {errc::poll_not_found, "There is no such poll."}; }

failure contended() {
    failure f{errc::overloaded, "Others change the same at this moment."};
    f.retry_after = base::milliseconds(100);
    return f;
}

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

}  // namespace

ports::answer<domain::poll> host_desk::add_poll(domain::poll poll) {
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        auto fresh = co_await catalog_.catch_up();
        if (!fresh) co_return fresh.error();
        const auto* event = known_.event(poll.event);
        if (!event) co_return failure(errc::event_not_found, "There is no such event.");
        if (known_.poll(poll.id)) co_return failure(errc::invalid_request, "The id is in use.");
        const auto* tenant = known_.tenant(event->event->tenant);
        if (!tenant) co_return failure(errc::tenant_not_found, "There is no such tenant.");
        auto definition = domain::checked(poll.definition);
        if (!definition) co_return definition.error();
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
        auto work = write(what);
        const auto done = co_await std::move(work);
        if (!done) co_return done.error();
        if (done->written) {
            auto placing = slices_.place(kept);
            const auto placed = co_await std::move(placing);
            if (!placed) co_return placed.error();
            feed_.heard(*placed);
            co_return *kept.poll;
        }
        if (what.is_limit(done->failed_check))
            co_return failure(errc::quota_exceeded, "The event has as many polls as it may have.");
    }
    co_return contended();
}

ports::answer<domain::poll> host_desk::change_poll(base::poll_id id, domain::poll_patch patch) {
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        auto work = change_once(id, patch);
        auto done = co_await std::move(work);
        if (!done) co_return done.error();
        if (*done) co_return std::move(**done);
    }
    co_return contended();
}

ports::answer<std::optional<domain::poll>> host_desk::change_once(base::poll_id id,
                                                                  const domain::poll_patch& patch) {
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
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        auto work = move_once(id, what, duration);
        auto done = co_await std::move(work);
        if (!done) co_return done.error();
        if (*done) co_return std::move(**done);
    }
    co_return contended();
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
    auto placing = slices_.place(before);
    const auto placed = co_await std::move(placing);
    if (!placed) co_return placed.error();
    feed_.heard(*placed);
    co_return std::optional(std::move(*after));
}

ports::answer<std::optional<domain::poll>> host_desk::settle(kept_poll before, domain::poll after,
                                                             bool new_meaning) {
    const auto ballot_revision = new_meaning ? after.revision : before.ballot_revision;
    // While what ballots mean changes there must be none, nor come one.
    if (new_meaning && before.poll->status != domain::poll_status::draft) {
        auto work = slices_.hold(before);
        const auto held = co_await std::move(work);
        if (!held) co_return held.error();
        bool voted = false;
        for (const auto& slice : *held) voted = voted || slice.what == slice_verdict::has_votes;
        if (voted) {
            auto releasing = slices_.release(before);
            const auto released = co_await std::move(releasing);
            if (!released) co_return released.error();
            co_return failure(errc::poll_has_votes,
                              "Options and rules are fixed once there are votes.");
        }
    }
    const auto kept = kept_as(std::move(after), ballot_revision);
    catalog_write what;
    what.is("polls", before.poll->id.str(), before.row);
    put_poll(what, kept);
    auto writing = write(std::move(what));
    const auto done = co_await std::move(writing);
    if (!done) co_return done.error();
    if (!done->written) co_return std::optional<domain::poll>();
    auto placing = slices_.place(kept);
    const auto placed = co_await std::move(placing);
    if (!placed) co_return placed.error();
    feed_.heard(*placed);
    co_return std::optional(*kept.poll);
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
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        auto fresh = co_await catalog_.catch_up();
        if (!fresh) co_return fresh.error();
        const auto* kept = known_.poll(id);
        if (!kept) co_return no_poll();
        const auto poll = kept->poll;
        catalog_write what;
        what.is("polls", id.str(), kept->row);
        what.add("counts", "polls:" + poll->event.str(), -1);
        remove_poll_rows(what, *kept);
        auto work = write(what);
        const auto done = co_await std::move(work);
        if (!done) co_return done.error();
        if (!done->written) continue;
        std::vector polls{poll};
        auto sweeping = sweep(std::move(polls));
        co_return co_await std::move(sweeping);
    }
    co_return contended();
}

// The rows go first, so that nobody votes any more; then the slices. A node that dies between
// leaves the poll among the dropped, where the next one finds it.
void host_desk::remove_poll_rows(catalog_write& what, const kept_poll& kept) const {
    const auto& poll = *kept.poll;
    what.remove("polls", poll.id.str());
    for (std::uint32_t round = 1; round <= poll.round; ++round)
        what.remove("rounds", round_field(poll, round));
    what.set("dropped", poll.id.str(), kept.row);
    what.tell(change_kind::poll_removed, poll.id.str(), poll.event.str());
}

ports::answer<void> host_desk::sweep(std::vector<std::shared_ptr<const domain::poll>> polls) {
    catalog_write swept;
    for (const auto& poll : polls) {
        auto work = slices_.remove(poll);
        const auto gone = co_await std::move(work);
        if (!gone) co_return gone.error();
        swept.remove("dropped", poll->id.str());
    }
    if (polls.empty()) co_return base::result<void>();
    auto work = write(std::move(swept));
    const auto done = co_await std::move(work);
    if (!done) co_return done.error();
    co_return base::result<void>();
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

asio::awaitable<base::result<void>> host_desk::place_again(base::poll_id id) {
    auto fresh = co_await catalog_.catch_up();
    if (!fresh) co_return fresh.error();
    const auto* kept = known_.poll(id);
    if (!kept) co_return no_poll();
    auto work = slices_.place(*kept);
    const auto placed = co_await std::move(work);
    if (!placed) co_return placed.error();
    feed_.heard(*placed);
    co_return base::result<void>();
}

}  // namespace tallycast::redis
