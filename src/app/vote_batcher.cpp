#include <tallycast/app/vote_batcher.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <exception>
#include <iterator>
#include <memory>
#include <utility>

namespace tallycast::app {

namespace asio = boost::asio;

namespace {

constexpr base::milliseconds full_queue_retry{500};
constexpr std::chrono::milliseconds longest_hold{30};

base::mono_time now() { return std::chrono::steady_clock::now(); }

base::failure queue_full() {
    base::failure f{base::errc::overloaded,
                    "Too many votes are waiting; the ballot was not counted."};
    f.retry_after = full_queue_retry;
    return f;
}

// The coroutine's failures are the votes' answers; what is thrown past them is a bug and ends the
// process.
void rethrow(std::exception_ptr thrown) {
    if (thrown) std::rethrow_exception(thrown);
}

}  // namespace

vote_batcher::vote_batcher(asio::any_io_executor core, ports::vote_store& store,
                           std::size_t queue_limit, const ports::clock& clock, ports::meter& meter)
    : core_(std::move(core)),
      store_(store),
      clock_(clock),
      meter_(meter),
      queue_limit_(queue_limit),
      pace_(longest_hold) {}

void vote_batcher::enqueue(const lane_id& id, pending_ptr vote) {
    if (waiting_ >= queue_limit_)
        return asio::post(core_, [vote = std::move(vote)] { vote->decided(queue_full()); });
    if (vote->times != nullptr) vote->times->waiting = clock_.mono();
    ++waiting_;
    vote->age = ages_.enter();
    pace_.note(now());
    auto& at = lanes_[id];
    at.queue.push_back(std::move(vote));
    if (at.under_way >= groups_under_way || std::exchange(at.starting, true)) return;
    // After the sockets that are ready now: their votes come along.
    asio::post(core_, [this, id] { start_groups(id); });
}

void vote_batcher::start_groups(const lane_id& id) {
    // The lane is looked up anew each time: a group that ends at once may have taken it away.
    for (auto at = lanes_.find(id); at != lanes_.end(); at = lanes_.find(id)) {
        lane& votes = at->second;
        votes.starting = false;
        if (votes.under_way >= groups_under_way || votes.queue.empty()) return;
        if (pays_to_hold(votes)) return hold(id, votes);
        send_next_of(id, votes);
    }
}

void vote_batcher::send_next_of(const lane_id& id, lane& votes) {
    const auto size = std::min(votes.queue.size(), group_cap);
    const auto end = votes.queue.begin() + static_cast<std::ptrdiff_t>(size);
    std::vector<pending_ptr> group(std::make_move_iterator(votes.queue.begin()),
                                   std::make_move_iterator(end));
    votes.queue.erase(votes.queue.begin(), end);
    votes.is_held = false;
    ++votes.under_way;
    asio::co_spawn(core_, send_group(id, std::move(group)), rethrow);
}

// When at the present pace a hold makes it half as large as is worth a call, or larger.
bool vote_batcher::pays_to_hold(const lane& votes) const {
    const auto worth = store_.worth_a_call();
    return votes.queue.size() < worth && 2 * pace_.in_a_stretch() >= worth * lanes_.size();
}

void vote_batcher::hold(const lane_id& id, lane& votes) {
    if (std::exchange(votes.is_held, true)) return;
    votes.held_since = now();
    held_.push_back({id, votes.held_since});
    watch_held();
}

void vote_batcher::watch_held() {
    if (held_.empty() || std::exchange(watching_, true)) return;
    // Lives in its handler, and so no longer than the context it runs on: that goes before us.
    auto hold_over =
        std::make_shared<asio::steady_timer>(core_, held_.front().since + longest_hold);
    hold_over->async_wait([this, hold_over](const boost::system::error_code& ec) {
        if (ec) return;
        watching_ = false;
        while (!held_.empty() && held_.front().since + longest_hold <= now()) {
            let_go(held_.front());
            held_.pop_front();
        }
        watch_held();
    });
}

void vote_batcher::let_go(const held_lane& one) {
    const auto at = lanes_.find(one.id);
    if (at == lanes_.end() || !at->second.is_held || at->second.held_since != one.since) return;
    send_next_of(one.id, at->second);
}

asio::awaitable<void> vote_batcher::send_group(lane_id id, std::vector<pending_ptr> group) {
    ports::vote_group message{id.poll, {}};
    message.votes.reserve(group.size());
    meter_.observe(ports::size::vote_group, group.size());
    for (const auto& vote : group) message.votes.push_back(vote->vote);
    note(group, &vote_times::sent);
    auto work = store_.cast(std::move(message));
    auto decisions = co_await std::move(work);
    note(group, &vote_times::decided);

    waiting_ -= group.size();
    for (const auto& vote : group) ages_.leave(vote->age);
    finish_group(id);
    for (std::size_t i = 0; i < group.size(); ++i) {
        if (decisions) group[i]->decided((*decisions)[i]);
        else group[i]->decided(decisions.error());
    }
}

void vote_batcher::note(const std::vector<pending_ptr>& group, base::mono_time vote_times::*when) {
    for (const auto& vote : group)
        if (vote->times != nullptr) vote->times->*when = clock_.mono();
}

void vote_batcher::finish_group(const lane_id& id) {
    const auto at = lanes_.find(id);
    --at->second.under_way;
    if (!at->second.queue.empty()) start_groups(id);
    else if (at->second.under_way == 0 && !at->second.starting) lanes_.erase(at);
}

}  // namespace tallycast::app
