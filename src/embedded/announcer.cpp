#include "announcer.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace tallycast::embedded {

announcer::announcer(state& live, std::size_t snapshots_per_second, const ports::clock& clock,
                     ports::meter& meter)
    : live_(live),
      interval_(std::chrono::nanoseconds(std::chrono::seconds(1)) /
                std::clamp<std::int64_t>(static_cast<std::int64_t>(snapshots_per_second), 1, 1000)),
      clock_(clock),
      meter_(meter) {}

void announcer::begin(ports::change_listener& listener) {
    listener_ = &listener;
    for (const auto& [id, flag] : live_.flags()) tell(flag);
    for (const auto& [id, entry] : live_.tenants()) tell(entry.tenant);
    for (const auto& [id, key] : live_.keys()) tell(key);
    for (const auto& [id, entry] : live_.events()) tell(entry.event);
    for (auto& [id, entry] : live_.polls()) poll_changed(entry);
}

void announcer::tell(const ports::change& what) {
    if (listener_) listener_->on_change(what);
}

void announcer::poll_changed(poll_entry& entry) {
    tell(entry.poll);
    if (entry.poll->status != domain::poll_status::draft) tell_results(entry);
}

void announcer::results_moved(poll_entry& entry) {
    if (entry.results_wait) return;
    const auto now = clock_.mono();
    if (!entry.told_at || now - *entry.told_at >= interval_) {
        tell_results(entry);
        return;
    }
    entry.results_wait = true;
    waiting_.insert({*entry.told_at + interval_, entry.poll->id});
}

void announcer::tick() {
    if (waiting_.empty()) return;
    const auto now = clock_.mono();
    while (!waiting_.empty() && waiting_.begin()->first <= now) {
        const auto id = waiting_.extract(waiting_.begin()).value().second;
        // One told meanwhile, for its status, has nothing new or a later place here; a removed one
        // has neither.
        auto* entry = live_.poll(id);
        if (entry && entry->results_wait && now - *entry->told_at >= interval_)
            tell_results(*entry);
    }
}

void announcer::finish() {
    for (const auto& [when, id] : std::exchange(waiting_, {}))
        if (auto* entry = live_.poll(id); entry && entry->results_wait) tell_results(*entry);
}

std::optional<base::mono_time> announcer::next() const {
    return waiting_.empty() ? std::nullopt : std::optional(waiting_.begin()->first);
}

void announcer::tell_results(poll_entry& entry) {
    entry.told_at = clock_.mono();
    entry.results_wait = false;
    if (!listener_) return;
    tell(
        std::make_shared<const domain::results>(results_of(entry, entry.current(), clock_.wall())));
    meter_.add(ports::count::snapshots_published);
}

}  // namespace tallycast::embedded
