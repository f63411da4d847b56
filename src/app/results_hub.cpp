#include <tallycast/app/results_hub.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace tallycast::app {

namespace {

constexpr std::uint8_t bit_of(broadcast_kind kind) {
    return static_cast<std::uint8_t>(1u << static_cast<unsigned>(kind));
}

constexpr std::uint8_t poll_bit = bit_of(broadcast_kind::poll);
constexpr std::uint8_t results_bit = bit_of(broadcast_kind::results);

std::uint16_t interval_of(double max_hz) {
    const double hz = max_hz >= 0.1 ? std::min(max_hz, 20.0) : 0.1;  // also for what is no number
    return static_cast<std::uint16_t>(std::lround(1000.0 / hz));
}

bool shown_to(domain::viewer who, const broadcast& message, domain::visibility rule) {
    if (who == domain::viewer::host) return true;
    if (message.status == domain::poll_status::draft) return false;
    return message.kind == broadcast_kind::poll || domain::visible(rule, message.status, who);
}

}  // namespace

results_hub::results_hub(std::size_t subscriptions_each)
    : subscriptions_each_(std::min<std::size_t>(subscriptions_each, UINT16_MAX)) {}

subscriber_id results_hub::add() {
    std::uint32_t index = 0;
    if (free_subscribers_.empty()) {
        index = static_cast<std::uint32_t>(subscribers_.size());
        subscribers_.emplace_back();
    } else {
        index = free_subscribers_.back();
        free_subscribers_.pop_back();
    }
    subscribers_[index].present = true;
    ++counts_.subscribers;
    return {index, subscribers_[index].generation};
}

void results_hub::remove(subscriber_id id) {
    subscriber* who = find(id);
    if (who == nullptr) return;
    while (!who->subscriptions.empty())
        drop(id.index, static_cast<std::uint32_t>(who->subscriptions.size() - 1));
    std::vector<subscription>().swap(who->subscriptions);
    if (++who->generation == 0) who->generation = 1;
    who->present = false;
    who->busy = false;
    who->turn = 0;
    free_subscribers_.push_back(id.index);
    --counts_.subscribers;
}

subscribe_answer results_hub::subscribe(subscriber_id id, const base::poll_id& poll,
                                        const subscription_options& options) {
    subscriber* who = find(id);
    if (who == nullptr) return subscribe_answer::full;
    subscription* s = find(*who, poll);
    const bool renewed = s != nullptr;
    if (!renewed) {
        if (who->subscriptions.size() >= subscriptions_each_) return subscribe_answer::full;
        const std::uint32_t at = topic_of(poll);
        auto& links = topics_[at].links;
        links.push_back({id.index, static_cast<std::uint32_t>(who->subscriptions.size())});
        s = &who->subscriptions.emplace_back();
        s->topic = at;
        s->link = static_cast<std::uint32_t>(links.size() - 1);
        ++counts_.subscriptions;
    }
    s->viewer = options.viewer;
    s->interval_ms = interval_of(options.max_hz);
    s->lowest = {};
    mark(topics_[s->topic], *s);
    return renewed ? subscribe_answer::renewed : subscribe_answer::added;
}

bool results_hub::unsubscribe(subscriber_id id, const base::poll_id& poll) {
    subscriber* who = find(id);
    const subscription* s = who != nullptr ? find(*who, poll) : nullptr;
    if (s == nullptr) return false;
    drop(id.index, static_cast<std::uint32_t>(s - who->subscriptions.data()));
    return true;
}

void results_hub::set_viewer(subscriber_id id, const base::poll_id& poll, domain::viewer viewer) {
    subscriber* who = find(id);
    subscription* s = who != nullptr ? find(*who, poll) : nullptr;
    if (s == nullptr) return;
    s->viewer = viewer;
    mark(topics_[s->topic], *s);
}

// Who waits is looked at with the next flush.
void results_hub::slow_to(double max_hz) { least_interval_ms_ = interval_of(max_hz); }

broadcast_ptr results_hub::take(subscriber_id id, base::mono_time now) {
    subscriber* who = find(id);
    if (who == nullptr) return nullptr;
    who->busy = false;
    const std::size_t count = who->subscriptions.size();
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t at = (who->turn + i) % count;
        subscription& s = who->subscriptions[at];
        if (due_at(s) > now) continue;
        // The same poll again only when all others have had their turn; its results follow its
        // change at once.
        const bool more_of_it = (s.marks & poll_bit) != 0 && (s.marks & results_bit) != 0;
        who->turn = static_cast<std::uint16_t>(more_of_it ? at : at + 1);
        who->busy = true;
        return take_from(s, now);
    }
    if (next_due(*who) != base::mono_time::max()) hold(id.index);
    return nullptr;
}

base::mono_time results_hub::next_due(subscriber_id id) const {
    const subscriber* who = find(id);
    return who != nullptr ? next_due(*who) : base::mono_time::max();
}

void results_hub::forget(const base::poll_id& poll) {
    const auto known = topic_by_poll_.find(poll);
    if (known == topic_by_poll_.end()) return;
    const std::uint32_t at = known->second;
    topics_[at].newest = {};
    if (topics_[at].links.empty()) return release(at);
    while (!topics_[at].links.empty()) {
        const link last = topics_[at].links.back();
        drop(last.subscriber, last.position);
    }
}

bool results_hub::watched(const base::poll_id& poll) const {
    const auto known = topic_by_poll_.find(poll);
    return known != topic_by_poll_.end() && !topics_[known->second].links.empty();
}

broadcast_ptr results_hub::newest(const base::poll_id& poll, broadcast_kind kind) const {
    const auto known = topic_by_poll_.find(poll);
    return known != topic_by_poll_.end()
               ? topics_[known->second].newest[static_cast<std::size_t>(kind)]
               : nullptr;
}

std::size_t results_hub::subscriptions_of(subscriber_id id) const {
    const subscriber* who = find(id);
    return who != nullptr ? who->subscriptions.size() : 0;
}

hub_counts results_hub::counts() const {
    hub_counts now = counts_;
    now.topics = topic_by_poll_.size();
    return now;
}

results_hub::subscriber* results_hub::find(subscriber_id id) {
    return const_cast<subscriber*>(std::as_const(*this).find(id));
}

const results_hub::subscriber* results_hub::find(subscriber_id id) const {
    if (id.index >= subscribers_.size()) return nullptr;
    const subscriber& who = subscribers_[id.index];
    return who.present && who.generation == id.generation ? &who : nullptr;
}

results_hub::subscription* results_hub::find(subscriber& who, const base::poll_id& poll) {
    const auto known = topic_by_poll_.find(poll);
    if (known == topic_by_poll_.end()) return nullptr;
    const auto at = std::find_if(who.subscriptions.begin(), who.subscriptions.end(),
                                 [&](const subscription& s) { return s.topic == known->second; });
    return at != who.subscriptions.end() ? &*at : nullptr;
}

std::uint32_t results_hub::topic_of(const base::poll_id& poll) {
    const auto [known, is_new] = topic_by_poll_.try_emplace(poll, 0);
    if (!is_new) return known->second;
    if (free_topics_.empty()) {
        known->second = static_cast<std::uint32_t>(topics_.size());
        topics_.emplace_back();
    } else {
        known->second = free_topics_.back();
        free_topics_.pop_back();
    }
    topics_[known->second].poll = poll;
    return known->second;
}

void results_hub::release(std::uint32_t at) {
    topic_by_poll_.erase(topics_[at].poll);
    topics_[at] = {};
    free_topics_.push_back(at);
}

// Takes a subscription out of both lists; the last of each fills the gap and is told its new place.
void results_hub::drop(std::uint32_t index, std::uint32_t position) {
    auto& own = subscribers_[index].subscriptions;
    const subscription gone = own[position];
    topic& of = topics_[gone.topic];

    of.links[gone.link] = of.links.back();
    of.links.pop_back();
    if (gone.link < of.links.size()) {
        const link& moved = of.links[gone.link];
        subscribers_[moved.subscriber].subscriptions[moved.position].link = gone.link;
    }
    own[position] = own.back();
    own.pop_back();
    if (position < own.size())
        topics_[own[position].topic].links[own[position].link].position = position;

    --counts_.subscriptions;
    if (of.links.empty() && !of.newest[0] && !of.newest[1]) release(gone.topic);
}

// Sets the marks anew from what is kept, what was taken and what this viewer may see.
void results_hub::mark(const topic& of, subscription& s) {
    std::uint8_t marks = 0;
    for (const broadcast_ptr& kept : of.newest) {
        if (!kept || kept->version < s.lowest[static_cast<std::size_t>(kept->kind)]) continue;
        if (shown_to(s.viewer, *kept, of.rule)) marks |= bit_of(kept->kind);
    }
    s.marks = marks;
}

void results_hub::hold(std::uint32_t index) {
    if (subscribers_[index].held) return;
    subscribers_[index].held = true;
    held_.push_back(index);
}

std::uint32_t results_hub::keep(broadcast_ptr message) {
    const std::uint32_t at = topic_of(message->poll);
    topic& of = topics_[at];
    broadcast_ptr& kept = of.newest[static_cast<std::size_t>(message->kind)];
    if (kept && message->version <= kept->version) {
        ++counts_.outdated;
        return no_topic;
    }
    // The poll says who may see its results; the results' own word counts until the poll was heard
    // of.
    const bool poll_known = of.newest[static_cast<std::size_t>(broadcast_kind::poll)] != nullptr;
    if (message->kind == broadcast_kind::poll || !poll_known) of.rule = message->rule;
    kept = std::move(message);
    return at;
}

void results_hub::mark_all(broadcast_ptr message, base::mono_time now) {
    const std::uint8_t published = bit_of(message->kind);
    const std::uint32_t at = keep(std::move(message));
    if (at == no_topic) return;
    for (const link& to : topics_[at].links) {
        subscriber& who = subscribers_[to.subscriber];
        subscription& s = who.subscriptions[to.position];
        if ((s.marks & published) != 0) ++counts_.superseded;
        mark(topics_[at], s);
        if (who.busy || s.marks == 0) continue;
        if (due_at(s) <= now) to_call_.push_back({to.subscriber, who.generation});
        else hold(to.subscriber);
    }
}

void results_hub::look_at_held(base::mono_time now) {
    std::size_t kept = 0;
    for (const std::uint32_t index : held_) {
        subscriber& who = subscribers_[index];
        const base::mono_time due =
            who.present && !who.busy ? next_due(who) : base::mono_time::max();
        who.held = due != base::mono_time::max() && due > now;
        if (who.held) held_[kept++] = index;
        else if (due <= now) to_call_.push_back({index, who.generation});
    }
    held_.resize(kept);
}

bool results_hub::waits_for_call(subscriber_id id, base::mono_time now) const {
    const subscriber* who = find(id);
    return who != nullptr && !who->busy && next_due(*who) <= now;
}

base::mono_time results_hub::due_at(const subscription& s) const {
    if (s.marks == 0) return base::mono_time::max();
    if ((s.marks & poll_bit) != 0 || s.results_taken_at == base::mono_time::min())
        return base::mono_time::min();
    return s.results_taken_at + base::milliseconds{std::max(s.interval_ms, least_interval_ms_)};
}

base::mono_time results_hub::next_due(const subscriber& who) const {
    base::mono_time earliest = base::mono_time::max();
    for (const subscription& s : who.subscriptions) earliest = std::min(earliest, due_at(s));
    return earliest;
}

broadcast_ptr results_hub::take_from(subscription& s, base::mono_time now) {
    const auto kind = (s.marks & poll_bit) != 0 ? broadcast_kind::poll : broadcast_kind::results;
    const auto slot = static_cast<std::size_t>(kind);
    broadcast_ptr message = topics_[s.topic].newest[slot];
    s.lowest[slot] = message->version + 1;
    s.marks = static_cast<std::uint8_t>(s.marks & ~bit_of(kind));
    if (kind == broadcast_kind::results) s.results_taken_at = now;
    ++counts_.taken;
    return message;
}

}  // namespace tallycast::app
