#pragma once
// Many subscribers on one thread, who look for what has come instead of being woken: a receiver
// that sleeps in the kernel bills its waking up to the sender, and the sender is what is measured.
// So its sockets belong to no reactor. One thread at a time, but for the counts.

#include <tallycast/load/histogram.hpp>
#include <tallycast/load/place.hpp>
#include <tallycast/load/watcher.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tallycast::load {

class audience {
public:
    using clock = std::chrono::steady_clock;

    // nodes: at least one; subscriber i goes to i modulo their number.
    audience(endpoints nodes, watch_wishes wishes);
    ~audience();
    audience(const audience&) = delete;
    audience& operator=(const audience&) = delete;

    // Lets in so many more; false when not all of them watch before the deadline.
    bool admit(std::uint32_t more, clock::time_point deadline);
    // Takes in what has come, once for each subscriber.
    void sweep();
    // Sweeps until every subscriber has seen this version; false when the deadline comes first.
    bool sweep_until_version(std::uint64_t version, clock::time_point deadline);

    std::uint64_t messages() const noexcept { return messages_.load(std::memory_order_relaxed); }
    std::uint64_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }

    std::size_t size() const noexcept { return seats_.size(); }
    std::size_t lost() const noexcept { return lost_; }  // connections that broke after all
    std::uint64_t pings() const;
    std::uint64_t steps_back() const;
    std::uint64_t fewest_messages() const;
    std::uint64_t most_messages() const;
    // From the first subscriber's sight of a version to each other's, however long that takes.
    const histogram& spread() const noexcept { return spread_; }

private:
    struct seat {
        int socket = -1;
        bool connected = false;
        watcher who;
    };

    void open(seat& one, std::size_t node);
    void begin(seat& one);
    void read(seat& one);
    void take(seat& one, std::string_view bytes);
    void send(seat& one, std::string_view bytes);
    void lose(seat& one);
    void saw(std::uint64_t version);
    std::size_t watching() const;

    endpoints nodes_;
    watch_wishes wishes_;
    std::vector<seat> seats_;
    std::size_t lost_ = 0;
    std::atomic<std::uint64_t> messages_{0};
    std::atomic<std::uint64_t> bytes_{0};
    std::map<std::uint64_t, clock::time_point> first_seen_;  // the newest versions only
    histogram spread_;
    std::string out_;
};

}  // namespace tallycast::load
