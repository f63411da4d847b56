#pragma once
// Votes travel in groups: per core and slice of a poll at most two groups are under way at the
// store, and what arrives meanwhile is the next group. Alone, a vote is a group of one and leaves
// at once. Where a call costs the store much, and while votes come so fast that it pays, a small
// group is held for a moment. Single-threaded: lives on its core's executor, and so do its callers.

#include <tallycast/app/arrival_pace.hpp>
#include <tallycast/app/waiting_ages.hpp>
#include <tallycast/base/error.hpp>
#include <tallycast/base/time.hpp>
#include <tallycast/ports/clock.hpp>
#include <tallycast/ports/meter.hpp>
#include <tallycast/ports/vote_store.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/deferred.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tallycast::app {

// Votes that travel together: those of one slice of a poll.
struct lane_id {
    base::poll_id poll;
    std::uint16_t slice = 0;
    friend bool operator==(const lane_id&, const lane_id&) = default;
};

// When a vote began to wait, went to the store and was decided; for whoever traces it.
struct vote_times {
    base::mono_time waiting{};
    base::mono_time sent{};
    base::mono_time decided{};
};

class vote_batcher {
public:
    static constexpr std::size_t group_cap = 256;
    static constexpr int groups_under_way = 2;

    // queue_limit: votes waiting or under way, over all polls.
    vote_batcher(boost::asio::any_io_executor core, ports::vote_store& store,
                 std::size_t queue_limit, const ports::clock& clock, ports::meter& meter);

    // To be awaited: the store's decision. `times`, if given, is filled by then. overloaded when
    // the queue is full; the store's own failures. Deferred, because every vote comes here and a
    // coroutine of its own would cost it one more frame.
    auto cast(const lane_id& id, const domain::vote_request& vote, vote_times* times = nullptr) {
        return boost::asio::async_initiate<const boost::asio::deferred_t,
                                           void(base::result<domain::decision>)>(
            [this](auto handler, const lane_id& to, const domain::vote_request& v, vote_times* t) {
                enqueue(to, std::make_unique<waiting_handler<decltype(handler)>>(
                                v, t, std::move(handler)));
            },
            boost::asio::deferred, id, vote, times);
    }

    std::size_t waiting() const noexcept { return waiting_; }
    std::size_t queue_limit() const noexcept { return queue_limit_; }
    // How long the oldest vote has waited, to a tick; to be called at each.
    std::chrono::nanoseconds tick(base::mono_time now) { return ages_.tick(now); }

private:
    // A vote and the coroutine that waits for its decision.
    struct pending {
        pending(const domain::vote_request& v, vote_times* t) : vote(v), times(t) {}
        virtual ~pending() = default;
        virtual void decided(base::result<domain::decision> decision) = 0;
        domain::vote_request vote;
        vote_times* times;  // null: nobody asks
        std::uint64_t age = 0;
    };
    template <class Handler>
    struct waiting_handler final : pending {
        waiting_handler(const domain::vote_request& v, vote_times* t, Handler&& h)
            : pending(v, t), handler(std::move(h)) {}
        void decided(base::result<domain::decision> decision) override {
            std::move(handler)(std::move(decision));
        }
        Handler handler;
    };
    struct lane_hash {
        std::size_t operator()(const lane_id& id) const noexcept {
            return std::hash<base::poll_id>{}(id.poll) ^ id.slice * 0x9e3779b97f4a7c15ULL;
        }
    };
    using pending_ptr = std::unique_ptr<pending>;

    struct lane {
        std::deque<pending_ptr> queue;
        int under_way = 0;
        bool starting = false;
        bool is_held = false;
        base::mono_time held_since{};
    };
    struct held_lane {
        lane_id id;
        base::mono_time since;  // otherwise than in the lane: it has left meanwhile
    };

    void enqueue(const lane_id& id, pending_ptr vote);
    void start_groups(const lane_id& id);
    void send_next_of(const lane_id& id, lane& votes);
    bool pays_to_hold(const lane& votes) const;
    void hold(const lane_id& id, lane& votes);
    void watch_held();
    void let_go(const held_lane& one);
    boost::asio::awaitable<void> send_group(lane_id id, std::vector<pending_ptr> group);
    void note(const std::vector<pending_ptr>& group, base::mono_time vote_times::*when);
    void finish_group(const lane_id& id);

    boost::asio::any_io_executor core_;
    ports::vote_store& store_;
    const ports::clock& clock_;
    ports::meter& meter_;
    std::size_t queue_limit_;
    std::size_t waiting_ = 0;
    waiting_ages ages_;
    std::unordered_map<lane_id, lane, lane_hash> lanes_;  // those with votes

    arrival_pace pace_;
    std::deque<held_lane> held_;
    bool watching_ = false;
};

}  // namespace tallycast::app
