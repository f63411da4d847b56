#pragma once
// Who is to be told what, when: the fan-out of one core. Knows neither sockets nor a clock. A topic
// is a poll; of each topic only the newest poll change and the newest results are kept, already
// encoded and shared by all. What a subscriber has not taken yet is a mark, not a copy, so a slow
// one costs as little as a fast one. Versions never step back for a subscriber. Single-threaded.

#include <tallycast/base/id.hpp>
#include <tallycast/base/time.hpp>
#include <tallycast/domain/results.hpp>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tallycast::app {

enum class broadcast_kind : std::uint8_t { poll = 0, results = 1 };

// One message to many, encoded once a transport.
struct broadcast {
    base::poll_id poll;
    broadcast_kind kind = broadcast_kind::results;
    std::uint64_t version = 0;  // of results: their version; of a poll change: the poll's revision
    domain::visibility rule = domain::visibility::always;  // who may see the poll's results
    domain::poll_status status =
        domain::poll_status::open;  // what a draft has to say is for its host alone
    std::string ws_frame;           // ready to be written
    std::string sse_event;          // ready to be written, with its closing empty line
    base::mono_time came_at{};      // at this node
};

using broadcast_ptr = std::shared_ptr<const broadcast>;

// The index is small and is used again by later subscribers, so it may index the caller's own
// table; the generation tells them apart.
struct subscriber_id {
    std::uint32_t index = 0;
    std::uint32_t generation = 0;  // 0: nobody
    friend auto operator<=>(const subscriber_id&, const subscriber_id&) = default;
};

struct subscription_options {
    domain::viewer viewer = domain::viewer::other;
    double max_hz = 10;  // of results; 0.1 to 20, and cut to that. Poll changes are not slowed
};

enum class subscribe_answer : std::uint8_t { added, renewed, full };

struct hub_counts {
    std::uint64_t taken = 0;       // messages handed out
    std::uint64_t superseded = 0;  // marks whose message a newer one replaced before it was taken
    std::uint64_t outdated = 0;    // publications no newer than what was known
    std::size_t subscribers = 0;
    std::size_t subscriptions = 0;
    std::size_t topics = 0;
};

// A subscriber is busy from a take() that gave it something until the next take(), and idle
// otherwise. Its owner calls take() at the end of each write, after subscribe() and set_viewer()
// unless it is writing, and when told that it is ready (unless it is writing). Calls with an id
// that was removed do nothing.
class results_hub {
public:
    explicit results_hub(std::size_t subscriptions_each = 256);

    subscriber_id add();
    void remove(subscriber_id id);

    // Marks the newest known of the poll as not taken. Again for the same poll: renewed, with the
    // new options and the newest once more. full: the subscriber has as many as it may.
    subscribe_answer subscribe(subscriber_id id, const base::poll_id& poll,
                               const subscription_options& options = {});
    // false: was not subscribed.
    bool unsubscribe(subscriber_id id, const base::poll_id& poll);
    // For when a voter has voted: what they may now see and have not taken is marked.
    void set_viewer(subscriber_id id, const base::poll_id& poll, domain::viewer viewer);

    // Keeps the message if it is newer than the one kept, marks it for every subscriber of its poll
    // who may see it, and calls ready(subscriber_id) for those who are idle and to whom it is due.
    // Costs one step a subscriber of that poll. ready may call anything but publish, flush and
    // forget.
    template <class Ready>
    void publish(broadcast_ptr message, base::mono_time now, Ready&& ready);

    // Calls ready(subscriber_id) for the idle ones whose max_hz held something back that is now
    // due. To be called every 50 ms or so; costs one step for each subscriber held back.
    template <class Ready>
    void flush(base::mono_time now, Ready&& ready);

    // Nobody gets results of a poll more often than this from now on, whatever they asked for.
    void slow_to(double max_hz);

    // The next message due for this subscriber, who is busy from now on; or null, and it is idle. A
    // poll's change comes before its results; polls take turns.
    broadcast_ptr take(subscriber_id id, base::mono_time now);

    // When take() would have something: the far past when now, the far future when nothing is
    // marked.
    base::mono_time next_due(subscriber_id id) const;

    // The poll is gone: forgets what was kept and every subscription to it.
    void forget(const base::poll_id& poll);

    bool watched(const base::poll_id& poll) const;
    // Null when none was published.
    broadcast_ptr newest(const base::poll_id& poll, broadcast_kind kind) const;
    std::size_t subscriptions_of(subscriber_id id) const;
    hub_counts counts() const;

private:
    static constexpr std::size_t kinds = 2;

    struct link {
        std::uint32_t subscriber = 0;
        std::uint32_t position = 0;  // in that subscriber's subscriptions
    };
    struct topic {
        base::poll_id poll;
        std::array<broadcast_ptr, kinds> newest;
        domain::visibility rule = domain::visibility::always;
        std::vector<link> links;
    };
    struct subscription {
        std::uint32_t topic = 0;
        std::uint32_t link = 0;  // in that topic's links
        std::array<std::uint64_t, kinds>
            lowest{};  // the version below which nothing is told any more
        base::mono_time results_taken_at = base::mono_time::min();
        std::uint16_t interval_ms = 100;
        domain::viewer viewer = domain::viewer::other;
        std::uint8_t marks = 0;  // bit k: the newest of kind k is to be taken
    };
    struct subscriber {
        std::vector<subscription> subscriptions;
        std::uint32_t generation = 1;
        std::uint16_t turn = 0;  // where the next take() begins to look
        bool present = false;
        bool busy = false;
        bool held = false;  // has an entry in held_; outlives the subscriber, as the entry does
    };

    subscriber* find(subscriber_id id);
    const subscriber* find(subscriber_id id) const;
    subscription* find(subscriber& who, const base::poll_id& poll);
    std::uint32_t topic_of(const base::poll_id& poll);
    void release(std::uint32_t at);
    void drop(std::uint32_t index, std::uint32_t position);
    static void mark(const topic& of, subscription& s);
    void hold(std::uint32_t index);
    // The topic that took the message, or no_topic when it was outdated.
    std::uint32_t keep(broadcast_ptr message);
    // These two only find whom to call: nobody is called before everything is marked.
    void mark_all(broadcast_ptr message, base::mono_time now);
    void look_at_held(base::mono_time now);
    // A call may have changed things for those called after it.
    bool waits_for_call(subscriber_id id, base::mono_time now) const;
    template <class Ready>
    void call_ready(base::mono_time now, Ready& ready);
    base::mono_time due_at(const subscription& s) const;
    base::mono_time next_due(const subscriber& who) const;
    broadcast_ptr take_from(subscription& s, base::mono_time now);

    static constexpr std::uint32_t no_topic = UINT32_MAX;

    std::size_t subscriptions_each_;
    std::uint16_t least_interval_ms_ = 0;
    std::vector<subscriber> subscribers_;
    std::vector<std::uint32_t> free_subscribers_;
    std::vector<topic> topics_;
    std::vector<std::uint32_t> free_topics_;
    std::unordered_map<base::poll_id, std::uint32_t> topic_by_poll_;
    std::vector<std::uint32_t>
        held_;  // idle subscribers with marks that are not due yet, and some who left
    std::vector<subscriber_id> to_call_;
    hub_counts counts_;
};

template <class Ready>
void results_hub::publish(broadcast_ptr message, base::mono_time now, Ready&& ready) {
    mark_all(std::move(message), now);
    call_ready(now, ready);
}

template <class Ready>
void results_hub::flush(base::mono_time now, Ready&& ready) {
    look_at_held(now);
    call_ready(now, ready);
}

template <class Ready>
void results_hub::call_ready(base::mono_time now, Ready& ready) {
    for (const subscriber_id id : to_call_) {
        if (waits_for_call(id, now)) ready(id);
    }
    to_call_.clear();
}

}  // namespace tallycast::app
