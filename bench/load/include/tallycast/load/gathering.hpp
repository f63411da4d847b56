#pragma once
// People with a WebSocket each who come, see results, are cut off, come back and go, on a thread of
// its own. Unlike an audience it sleeps between events: what is looked at is how long people wait,
// not what the server pays. The public functions are for the thread that owns it, `arrive` for any.

#include <tallycast/load/comeback.hpp>
#include <tallycast/load/histogram.hpp>
#include <tallycast/load/place.hpp>
#include <tallycast/load/watcher.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <queue>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace tallycast::load {

// Since they were asked for last.
struct gathering_figures {
    std::uint64_t lost = 0;      // connections that had been open
    std::uint64_t back = 0;      // people who watch again
    std::uint64_t attempts = 0;  // to connect
    std::uint64_t messages = 0;  // results
    std::uint64_t steps_back = 0;
    std::map<int, std::pair<std::uint64_t, std::uint64_t>> endings;  // by code: advised, not
    histogram entered;   // from when someone should have come to the first word of the node
    histogram away;      // from a lost connection to the first word on the next
    histogram revealed;  // from the closing of the poll to its final results, each person once
};

class gathering {
public:
    using clock = std::chrono::steady_clock;

    // nodes: at least one. Person i goes to i modulo their number, and to the next after each loss.
    gathering(endpoints nodes, watch_wishes wishes, std::uint64_t seed);
    ~gathering();
    gathering(const gathering&) = delete;
    gathering& operator=(const gathering&) = delete;

    // One more person, who should have been here at `due`.
    void arrive(clock::time_point due);
    // Cuts this share of the connections, evenly over all people, as a dead spot does.
    void cut(double share);
    // The last `count` people say goodbye and are gone.
    void leave(std::size_t count);
    // From now on who sees the final results of this poll is timed from `closed`.
    void await_final(std::string_view poll, clock::time_point closed);

    std::size_t size();
    std::size_t watching();
    std::size_t informed();  // have seen what await_final waits for
    gathering_figures take_figures();

private:
    struct seat {
        int socket = -1;
        std::uint32_t generation = 0;  // of its connection
        std::uint16_t failures = 0;    // in a row
        bool connected = false;
        bool in = false;      // the node has spoken on this connection
        bool was_in = false;  // and on an earlier one
        bool informed = false;
        std::size_t node = 0;
        clock::time_point due{};  // of the next sight of the node: arrival, or the loss
        watcher who;
    };
    struct errand {  // open the connection of a seat, or give it up if it is not open by then
        clock::time_point at;
        std::uint32_t seat;
        std::uint32_t generation;
        bool opens;
        friend bool operator>(const errand& a, const errand& b) { return a.at > b.at; }
    };

    void run(const std::stop_token& stop);
    void run_errands(clock::time_point now);
    int patience(clock::time_point now) const;
    void wake() const;
    void open(std::uint32_t index, clock::time_point now);
    void handle(std::uint32_t index, std::uint32_t happened);
    void read(std::uint32_t index);
    void take(std::uint32_t index, std::string_view bytes);
    void entered(seat& one, clock::time_point now);
    void send(std::uint32_t index, std::string_view bytes);
    void lose(std::uint32_t index, const parting& how);
    void close(seat& one);

    endpoints nodes_;
    watch_wishes wishes_;
    int epoll_ = -1;
    int bell_ = -1;

    std::mutex mutex_;  // of everything below
    std::vector<seat> seats_;
    std::priority_queue<errand, std::vector<errand>, std::greater<>> errands_;
    std::minstd_rand random_;
    std::size_t watching_ = 0;
    std::string awaited_;
    clock::time_point closed_{};
    std::size_t informed_ = 0;
    gathering_figures figures_;
    std::string out_;

    std::jthread thread_;  // last: ends first
};

}  // namespace tallycast::load
