#include "announcer.hpp"

#include "spawn.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace tallycast::redis {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds trust_in_others{1000};

bool is_over(domain::poll_status status) {
    return status == domain::poll_status::closed || status == domain::poll_status::archived;
}

}  // namespace

announcer::announcer(asio::any_io_executor executor, registry& known, slice_desk& slices,
                     std::size_t snapshots_per_second, const ports::clock& clock,
                     ports::meter& meter)
    : executor_(std::move(executor)),
      known_(known),
      slices_(slices),
      interval_(std::chrono::nanoseconds(std::chrono::seconds(1)) /
                std::clamp<std::int64_t>(static_cast<std::int64_t>(snapshots_per_second), 1, 1000)),
      clock_(clock),
      meter_(meter) {}

void announcer::tell(const ports::change& what) {
    if (const auto* gone = std::get_if<ports::poll_removed>(&what)) forget(gone->id);
    if (listener_) listener_->on_change(what);
}

void announcer::forget(const base::poll_id& poll) {
    polls_.erase(poll);
    busy_.erase(poll);
}

void announcer::heard(slice_counts counts) {
    const auto id = counts.poll;
    if (take(std::move(counts))) tell_if_due(id);
}

void announcer::heard(const std::vector<slice_reply>& all) {
    std::optional<base::poll_id> moved;
    for (const auto& one : all)
        if (one.counts && take(*one.counts)) moved = one.counts->poll;
    if (moved) tell_if_due(*moved);
}

bool announcer::take(slice_counts counts) {
    const auto* kept = known_.poll(counts.poll);
    if (!kept || counts.revision > kept->poll->revision) behind_ = true;
    if (!kept || counts.slice >= kept->poll->slices) return false;
    auto& at = polls_[counts.poll];
    at.seen.resize(kept->poll->slices);
    const auto waits = at.to_flush.find(counts.slice);
    if (waits != at.to_flush.end() && !waits->second.ours) at.to_flush.erase(waits);
    auto& seen = at.seen[counts.slice];
    if (seen && (counts.round < seen->round ||
                 (counts.round == seen->round && counts.version <= seen->version &&
                  counts.revision <= seen->revision)))
        return false;
    seen = std::move(counts);
    return true;
}

std::optional<std::uint64_t> announcer::raised_version(const slice_counts& counts) const {
    const auto at = polls_.find(counts.poll);
    if (at == polls_.end() || counts.slice >= at->second.seen.size()) return std::nullopt;
    const auto& seen = at->second.seen[counts.slice];
    if (!seen || counts.round != seen->round) return std::nullopt;
    const bool forgot = counts.version < seen->version ||
                        (counts.version == seen->version && counts.marks != seen->marks);
    if (!forgot && !(at->second.final_owed && counts.slice == 0)) return std::nullopt;
    return std::max(seen->version, counts.version) + 1;
}

void announcer::flush_at(base::mono_time when, const base::poll_id& poll, std::uint16_t slice) {
    auto& at = polls_[poll];
    if (at.told_at) when = std::max(when, *at.told_at + interval_);
    at.to_flush[slice] = {when, true};
    busy_.insert(poll);
}

void announcer::waits_elsewhere(const base::poll_id& poll, std::uint16_t slice) {
    if (!known_.poll(poll)) return;
    polls_[poll].to_flush.try_emplace(slice, due_flush{clock_.mono() + trust_in_others});
    busy_.insert(poll);
}

// Of a slice that is still, or already, in another round only the version counts: then the sum
// never falls.
std::optional<slice_counts> announcer::sum_of(const domain::poll& poll, const watched& at) const {
    std::vector<slice_counts> parts;
    for (const auto& seen : at.seen) {
        if (!seen || seen->round > poll.round) return std::nullopt;
        parts.push_back(*seen);
        if (seen->round == poll.round) continue;
        parts.back().voters = 0;
        parts.back().marks.clear();
    }
    return parts.empty() ? std::nullopt : std::optional(together(parts));
}

void announcer::tell_if_due(const base::poll_id& id) {
    const auto* kept = known_.poll(id);
    if (!kept || kept->poll->status == domain::poll_status::draft) return;
    auto& at = polls_[id];
    const auto sum = sum_of(*kept->poll, at);
    if (at.flushing || !sum || sum->version <= at.told_version) return;
    const bool step = placed(*kept->poll, at) && at.told_revision < kept->poll->revision;
    if (step || !at.told_at || clock_.mono() - *at.told_at >= interval_)
        tell_results(*kept, at, *sum);
    else {
        at.waiting = true;
        busy_.insert(id);
    }
}

domain::results announcer::results_now(const domain::poll& poll, const watched& at,
                                       const slice_counts& sum) const {
    auto results = results_of(sum, poll.definition);
    results.event = poll.event;
    results.round = poll.round;
    results.status = poll.status;
    results.final = placed(poll, at) && is_over(poll.status) && settled_();
    return results;
}

void announcer::tell_results(const kept_poll& kept, watched& at, const slice_counts& sum) {
    const auto& poll = *kept.poll;
    at.told_at = clock_.mono();
    at.told_version = sum.version;
    if (placed(poll, at)) at.told_revision = poll.revision;
    at.waiting = false;
    const auto results = std::make_shared<const domain::results>(results_now(poll, at, sum));
    at.final_owed = is_over(poll.status) && !results->final;
    if (!listener_) return;
    listener_->on_change(results);
    meter_.add(ports::count::snapshots_published);
}

std::shared_ptr<const domain::results> announcer::known_results(const base::poll_id& poll) const {
    const auto at = polls_.find(poll);
    const auto* kept = known_.poll(poll);
    if (at == polls_.end() || !kept) return nullptr;
    const auto sum = sum_of(*kept->poll, at->second);
    if (!sum) return nullptr;
    return std::make_shared<const domain::results>(results_now(*kept->poll, at->second, *sum));
}

bool announcer::lags(const domain::poll& poll) const {
    const auto at = polls_.find(poll.id);
    return at == polls_.end() || !placed(poll, at->second);
}

// Whether every slice has been heard to have the poll as it is.
bool announcer::placed(const domain::poll& poll, const watched& at) {
    return at.seen.size() == poll.slices && std::ranges::all_of(at.seen, [&](const auto& seen) {
               return seen && seen->revision >= poll.revision;
           });
}

asio::awaitable<void> announcer::flush(base::poll_id id, bool all) {
    const auto* kept = known_.poll(id);
    if (!kept) co_return forget(id);
    const auto poll = kept->poll;
    std::vector<std::uint16_t> due;
    const auto now = clock_.mono();
    for (const auto& [slice, at] : polls_[id].to_flush)
        if (all || at.when <= now) due.push_back(slice);
    polls_[id].flushing = !due.empty();
    for (const auto slice : due) {
        polls_[id].to_flush.erase(slice);
        auto work = slices_.flush(poll, slice);
        const auto said = co_await std::move(work);
        // What could not be read is tried again with the next that moves, or by whoever waits.
        if (said && said->counts) heard(*said->counts);
        else if (known_.poll(id)) waits_elsewhere(id, slice);
    }
    if (!known_.poll(id)) co_return forget(id);
    polls_[id].flushing = false;
    tell_if_due(id);
}

void announcer::tick() {
    const auto now = clock_.mono();
    for (auto next = busy_.begin(); next != busy_.end();) {
        const auto id = *next;
        const auto& at = polls_[id];
        const bool idle = at.to_flush.empty() && !at.waiting && !at.flushing;
        next = idle ? busy_.erase(next) : std::next(next);
        const bool flush_due = std::ranges::any_of(
            at.to_flush, [&](const auto& one) { return one.second.when <= now; });
        const bool tell_due = at.waiting && at.told_at && now - *at.told_at >= interval_;
        if (!at.flushing && (flush_due || tell_due)) spawn(executor_, flush(id, false));
    }
}

asio::awaitable<void> announcer::finish() {
    const auto moved = busy_;
    for (const auto& id : moved) {
        polls_[id].told_at.reset();
        auto work = flush(id, true);
        co_await std::move(work);
    }
}

}  // namespace tallycast::redis
