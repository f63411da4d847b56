#include "engine.hpp"

#include "data_file.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

namespace tallycast::embedded {

namespace {

// What is accepted at most before it is written: bounds the memory a batch needs to be taken back.
constexpr std::chrono::seconds longest_batch{
    2};  // a disk that takes longer is not one to send more voters to
constexpr std::size_t most_in_a_batch = 32'768;

// A clock that is set, or a test's, is looked at this often while something is to happen by itself.
constexpr base::milliseconds longest_nap{100};

constexpr std::chrono::seconds ledger_interval{1};
constexpr base::milliseconds retry_when_full{100};

void answer(command_ptr one) {
    std::vector<command_ptr> alone;
    alone.push_back(std::move(one));
    send_home(std::move(alone));
}

base::failure queue_is_full() {
    base::failure f(base::errc::overloaded, "Too much is waiting for the store.");
    f.retry_after = retry_when_full;
    return f;
}

}  // namespace

engine::engine(const store_options& options, state live, database db, rows tables,
               const ports::clock& clock, ports::meter& meter, ports::log& log)
    : clock_(clock),
      meter_(meter),
      live_(std::move(live)),
      file_(std::move(db), std::move(tables), data_file_path(options), clock, meter, log),
      feed_(live_, options.snapshots_per_second, clock, meter),
      ballots_(live_, file_, feed_),
      host_(live_, file_, feed_),
      desks_{ballots_, host_, live_},
      inbox_(options.queue_limit) {}

engine::~engine() { stop(); }

void engine::start(ports::change_listener& listener) {
    std::promise<void> told;
    auto listener_knows = told.get_future();
    thread_ = std::thread([this, &listener, &told] {
        host_.move_due(clock_.wall());
        feed_.begin(listener);
        show_ready(file_.writable());
        told.set_value();
        serve();
    });
    listener_knows.wait();
}

void engine::stop() {
    inbox_.close();
    if (thread_.joinable()) thread_.join();
    // Only a store that was never started has something left.
    for (auto& one : inbox_.take({})) {
        one->fail({base::errc::shutting_down, "The store is stopped."});
        meter_.move(ports::gauge::store_queue, -1);
        answer(std::move(one));
    }
}

void engine::submit(command_ptr one) {
    meter_.move(ports::gauge::store_queue, 1);
    const auto entry = inbox_.put(one);
    if (entry == inbox::entry::taken_in) return;
    meter_.move(ports::gauge::store_queue, -1);
    one->fail(entry == inbox::entry::full
                  ? queue_is_full()
                  : base::failure(base::errc::shutting_down, "The store is stopped."));
    answer(std::move(one));
}

void engine::serve() {
    for (;;) {
        auto taken = inbox_.take(longest_wait());
        if (taken.empty() && inbox_.closed()) break;
        meter_.move(ports::gauge::store_queue, -static_cast<std::int64_t>(taken.size()));
        busy_since_.store(clock_.mono(), std::memory_order_relaxed);
        handle(std::move(taken));
        tick();
        busy_since_.store(base::mono_time::max(), std::memory_order_relaxed);
    }
    ballots_.write_ledgers();
    feed_.finish();
    show_ready(false);
}

void engine::handle(std::vector<command_ptr> taken) {
    std::vector<command_ptr> reads;
    for (auto& one : taken) {
        const auto now = clock_.wall();
        move_due(now);
        switch (one->kind()) {
            case command_kind::votes:
                one->carry_out(desks_, now);
                decided_.push_back(std::move(one));
                meter_.add(ports::count::store_groups);
                if (ballots_.accepted() >= most_in_a_batch) commit_votes();
                break;
            case command_kind::write:
                commit_votes();
                one->carry_out(desks_, now);
                answer(std::move(one));
                break;
            case command_kind::read: reads.push_back(std::move(one)); break;
        }
    }
    commit_votes();
    for (auto& one : reads) one->carry_out(desks_, clock_.wall());
    send_home(std::move(reads));
    show_ready(file_.writable());
}

void engine::commit_votes() {
    if (!ballots_.commit())
        for (auto& one : decided_) one->fail(journal::unavailable());
    send_home(std::exchange(decided_, {}));
}

void engine::move_due(base::wall_time now) {
    const auto next = live_.next_due();
    if (!next || next->first > now || !file_.writable()) return;
    commit_votes();  // what was decided before the moment counts
    host_.move_due(now);
}

void engine::tick() {
    const auto now = clock_.mono();
    if (file_.try_again(now)) show_ready(true);
    move_due(clock_.wall());
    feed_.tick();
    if (!ballots_.ledgers_wait()) {
        ledgers_due_.reset();
    } else if (!ledgers_due_) {
        ledgers_due_ = now + ledger_interval;
    } else if (*ledgers_due_ <= now) {
        ballots_.write_ledgers();
        ledgers_due_.reset();
    }
}

bool engine::ready() const noexcept {
    const auto since = busy_since_.load(std::memory_order_relaxed);
    const bool stuck = since != base::mono_time::max() && clock_.mono() - since > longest_batch;
    return ready_.load(std::memory_order_relaxed) && !stuck;
}

void engine::show_ready(bool ready) { ready_.store(ready, std::memory_order_relaxed); }

std::optional<base::milliseconds> engine::longest_wait() const {
    std::optional<base::milliseconds> wait;
    const auto by = [&](auto left) {
        const auto ms = std::clamp(std::chrono::ceil<base::milliseconds>(left),
                                   base::milliseconds(0), longest_nap);
        wait = wait ? std::min(*wait, ms) : ms;
    };
    const auto mono = clock_.mono();
    if (const auto at = feed_.next()) by(*at - mono);
    if (const auto at = file_.next_trial()) by(*at - mono);
    if (ledgers_due_) by(*ledgers_due_ - mono);
    if (const auto at = live_.next_due(); at && file_.writable()) by(at->first - clock_.wall());
    return wait;
}

}  // namespace tallycast::embedded
