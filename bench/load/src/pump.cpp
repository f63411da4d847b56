#include <tallycast/load/pump.hpp>

#include <algorithm>

namespace tallycast::load {

namespace {

constexpr std::chrono::milliseconds tick_every{1};     // the grain of the open loop
constexpr std::chrono::milliseconds too_late{10};      // for a due question to be noticed
constexpr std::chrono::milliseconds sweep_every{100};  // the grain of answer_timeout
constexpr std::chrono::milliseconds not_yet{5};        // until a held question is looked at again
constexpr std::chrono::milliseconds first_wait{50};    // before a refused question without advice
constexpr unsigned most_doublings = 5;

}  // namespace

pump::pump(work& what, const pump_settings& settings, pump_counts& counts)
    : work_(what),
      settings_(settings),
      counts_(counts),
      random_(static_cast<std::minstd_rand::result_type>(settings.seed)) {
    connection_owner& self = *this;
    for (std::uint32_t i = 0; i < settings_.connections; ++i) {
        connections_.push_back(std::make_unique<connection>(
            io_, settings_.nodes, i, settings_.speaks(), self, settings_.seed + i + 1));
        connections_.back()->tag = i;
    }
    asked_.resize(connections_.size());
    if (settings_.open_loop) counts_.step_latency.resize(settings_.open_loop->steps().size());
}

void pump::run() {
    if (work_.size() == 0) return;
    started_ = clock::now();
    deadline_.expires_at(settings_.deadline);
    deadline_.async_wait([this](const boost::system::error_code& error) {
        if (!error) finish();
    });
    if (settings_.open_loop) start_tick();
    start_sweep();
    for (auto& each : connections_) each->open();
    io_.run();
}

void pump::finish() {
    if (finished_) return;
    finished_ = true;
    for (auto* timer : {&tick_, &sweep_, &wake_, &deadline_}) timer->cancel();
    for (auto& each : connections_) each->close();
}

void pump::on_ready(connection& which) {
    idle_.push_back(&which);
    feed();
}

void pump::on_answer(connection& which, const answer& what) {
    const auto now = clock::now();
    const auto it = asked_[which.tag];
    counts_.answers.fetch_add(1, std::memory_order_relaxed);
    const auto status = static_cast<std::size_t>(std::clamp(what.status, 0, 599));
    ++counts_.statuses[status];
    if (!what.advised) ++counts_.unadvised[status];
    if (work_.settle(it.index, what)) {
        counts_.latency.record(now - it.intended);
        counts_.last_try.record(now - it.due);
        count_second(now);
        if (settings_.open_loop)
            counts_.step_latency[settings_.open_loop->step_of(it.index)].record(now - it.intended);
        const auto settled = counts_.settled.fetch_add(1, std::memory_order_relaxed) + 1;
        if (settled == work_.size()) return finish();
    } else {
        postpone(it, wait_after(it, what), now);
    }
    if (which.ready()) idle_.push_back(&which);
    feed();
}

void pump::count_second(clock::time_point now) {
    const auto second = static_cast<std::size_t>(
        std::chrono::duration_cast<std::chrono::seconds>(now - started_).count());
    auto& counts = counts_.settled_in_second;
    if (counts.size() <= second) counts.resize(second + 1);
    ++counts[second];
}

void pump::on_broken(connection& which, bool had_question) {
    if (finished_) return;
    std::erase(idle_, &which);
    ++counts_.reconnects;
    if (!had_question) return;
    ++counts_.unanswered;
    postpone(asked_[which.tag], clock::duration::zero(), clock::now());
    feed();
}

// The advice of the node, lengthened at random by up to a quarter; without any, doubling waits.
pump::clock::duration pump::wait_after(const item& what, const answer& reply) {
    using std::chrono::milliseconds;
    const milliseconds least =
        reply.retry_after.value_or(first_wait * (1u << std::min(what.attempts, most_doublings)));
    const auto extra =
        std::uniform_int_distribution<std::int64_t>(0, least.count() / 4 + 1)(random_);
    return least + milliseconds(extra);
}

void pump::postpone(const item& what, clock::duration wait, clock::time_point now) {
    later_.push({now + wait, {what.index, what.attempts + 1, what.intended, now + wait}});
}

void pump::feed() {
    while (!idle_.empty() && !finished_) {
        const auto now = clock::now();
        item next;
        if (!take(next, now)) return start_wake();
        if (!work_.may_ask(next.index)) {
            later_.push({now + not_yet, next});
            continue;
        }
        if (next.intended == clock::time_point{}) next.intended = next.due = now;
        auto& which = *idle_.back();
        idle_.pop_back();
        asked_[which.tag] = next;
        ++counts_.asked;
        if (next.attempts > 0) ++counts_.retries;
        which.ask(work_.ask(next.index), now);
    }
}

bool pump::take(item& to, clock::time_point now) {
    if (!later_.empty() && later_.top().due <= now) {
        to = later_.top().what;
        later_.pop();
        return true;
    }
    if (settings_.open_loop) {
        if (due_.empty()) return false;
        to = due_.front();
        due_.pop_front();
        return true;
    }
    if (next_ == work_.size()) return false;
    to = {next_++, 0, {}, {}};
    return true;
}

void pump::add_due(clock::time_point now) {
    while (next_ < work_.size()) {
        const auto due = settings_.open_loop->due(next_);
        const auto at = started_ + std::chrono::duration_cast<clock::duration>(due);
        if (at > now) return;
        if (now - at > too_late) ++counts_.late;
        due_.push_back({next_++, 0, at, at});
    }
}

void pump::start_tick() {
    tick_.expires_after(tick_every);
    tick_.async_wait([this](const boost::system::error_code& error) {
        if (error || finished_) return;
        add_due(clock::now());
        feed();
        if (!finished_ && next_ < work_.size()) start_tick();
    });
}

void pump::start_sweep() {
    sweep_.expires_after(sweep_every);
    sweep_.async_wait([this](const boost::system::error_code& error) {
        if (error || finished_) return;
        const auto oldest = clock::now() - settings_.answer_timeout;
        for (auto& each : connections_) each->expire_before(oldest);
        start_sweep();
    });
}

// One timer for the earliest postponed question, wanted only while a connection is free to take it.
void pump::start_wake() {
    if (later_.empty() || later_.top().due >= wake_at_) return;
    wake_at_ = later_.top().due;
    wake_.expires_at(wake_at_);
    wake_.async_wait([this](const boost::system::error_code& error) {
        if (error || finished_) return;
        wake_at_ = clock::time_point::max();
        feed();
    });
}

}  // namespace tallycast::load
