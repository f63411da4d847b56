#pragma once
// Pushes a numbered list of questions through a set of connections on one thread until each is
// settled or the deadline passes. Closed loop: a free connection takes the next question. Open
// loop: questions fall due by a schedule, answers or not, and latency counts from when one fell
// due.

#include <tallycast/load/connection.hpp>
#include <tallycast/load/histogram.hpp>
#include <tallycast/load/schedule.hpp>

#include <array>
#include <atomic>
#include <deque>
#include <functional>
#include <optional>
#include <queue>
#include <vector>

namespace tallycast::load {

// What the pump's questions are; called on the pump's thread only.
class work {
public:
    virtual ~work() = default;
    virtual std::uint32_t size() const = 0;
    // False: not yet, try again in a moment.
    virtual bool may_ask(std::uint32_t) const { return true; }
    // The views must hold until the question is asked. Counts as sent from here on.
    virtual question ask(std::uint32_t index) = 0;
    // True: settled. False: ask again, as for a broken connection.
    virtual bool settle(std::uint32_t index, const answer& what) = 0;
};

struct pump_settings {
    std::vector<boost::asio::ip::tcp::endpoint>
        nodes;  // connection i begins at i modulo their number
    std::uint32_t connections = 1;
    std::optional<schedule> open_loop;
    std::chrono::steady_clock::time_point deadline;
    std::chrono::milliseconds answer_timeout{10'000};
    std::uint64_t seed = 0;
    std::function<std::unique_ptr<protocol>()> speaks;
};

// The first two may be read by another thread while the pump runs, the rest afterwards.
struct pump_counts {
    std::atomic<std::uint64_t> settled{0};
    std::atomic<std::uint64_t> answers{0};
    std::uint64_t asked = 0;
    std::uint64_t retries = 0;     // questions asked again
    std::uint64_t unanswered = 0;  // questions whose connection broke under them
    std::uint64_t reconnects = 0;
    std::array<std::uint64_t, 600> statuses{};
    std::array<std::uint64_t, 600> unadvised{};    // those of them without a word when to come back
    std::vector<std::uint64_t> settled_in_second;  // since the start
    std::uint64_t late =
        0;               // open loop: noticed too late by this pump itself, whatever the node did
    histogram latency;   // of settled questions, from when they were (to be) asked first
    histogram last_try;  // the same from when the attempt that settled them was to be made
    std::vector<histogram> step_latency;  // open loop: the same for each step
};

class pump final : connection_owner {
public:
    using clock = std::chrono::steady_clock;

    pump(work& what, const pump_settings& settings, pump_counts& counts);

    // Returns when every question is settled or the deadline has passed.
    void run();

private:
    struct item {
        std::uint32_t index = 0;
        std::uint32_t attempts = 0;
        clock::time_point intended{};  // closed loop: set when first asked
        clock::time_point due{};       // of this attempt
    };
    struct later {
        clock::time_point due;
        item what;
        friend bool operator>(const later& a, const later& b) { return a.due > b.due; }
    };

    void on_ready(connection& which) override;
    void on_answer(connection& which, const answer& what) override;
    void on_broken(connection& which, bool had_question) override;

    void count_second(clock::time_point now);
    void feed();
    bool take(item& to, clock::time_point now);
    void add_due(clock::time_point now);
    void postpone(const item& what, clock::duration wait, clock::time_point now);
    clock::duration wait_after(const item& what, const answer& reply);
    void start_tick();
    void start_sweep();
    void start_wake();
    void finish();

    boost::asio::io_context io_{1};
    work& work_;
    pump_settings settings_;
    pump_counts& counts_;
    std::minstd_rand random_;
    std::vector<std::unique_ptr<connection>> connections_;
    std::vector<item> asked_;  // by connection tag
    std::vector<connection*> idle_;
    std::deque<item> due_;  // open loop: fell due, waiting for a connection
    std::priority_queue<later, std::vector<later>, std::greater<>> later_;
    std::uint32_t next_ = 0;
    clock::time_point started_{};
    clock::time_point wake_at_ = clock::time_point::max();
    boost::asio::steady_timer tick_{io_};
    boost::asio::steady_timer sweep_{io_};
    boost::asio::steady_timer wake_{io_};
    boost::asio::steady_timer deadline_{io_};
    bool finished_ = false;
};

}  // namespace tallycast::load
