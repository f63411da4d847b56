#pragma once
// One I/O thread: its io_context, its share of the application, its connections and its clockwork.
// Everything in it belongs to its thread; other threads only post to `io`.

#include <tallycast/app/core.hpp>
#include <tallycast/net/connection.hpp>
#include <tallycast/net/live_feed.hpp>
#include <tallycast/net/load_gauge.hpp>
#include <tallycast/net/net_settings.hpp>
#include <tallycast/net/response_text.hpp>
#include <tallycast/net/router.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tallycast::net {

class io_core {
public:
    // The votes of the world may live on `io`, and then go before this core.
    io_core(std::unique_ptr<boost::asio::io_context> io, const app::core_settings& core_settings,
            const net_settings& settings, const app::outside_world& world);
    // What is suspended on this core is destroyed first, while all it refers to is still there.
    ~io_core();
    io_core(const io_core&) = delete;
    io_core& operator=(const io_core&) = delete;

private:
    std::unique_ptr<boost::asio::io_context> owned_io_;

public:
    boost::asio::io_context& io;
    net_settings settings;
    node_hooks node;  // set by the server before the listeners run
    app::core app;
    live_feed live;
    load_gauge load;
    connection_list connections;       // looked at four times a second
    connection_list live_connections;  // once a second: they are many, and nothing of them hurries
    std::atomic<base::mono_time> last_tick{
        base::mono_time::max()};                   // written by this core; max: not begun
    std::atomic<std::size_t> open_connections{0};  // written by this core, read by others
    // Brings news to every core of this node, this one too; set by the server where there are more.
    std::function<void(std::vector<app::voter_news>)> share_news;
    date_text date;
    std::array<char, 16 * 1024> receive_buffer;  // for reads that keep nothing across a wait
    bool draining = false;

    // What tick() does for people, and what is told of it: not for the operations core.
    enum class duty : std::uint8_t { audience, operations };
    // Deadlines, due messages, admission and refusals: begins the regular work of this core.
    void start_tick(duty for_whom);
    // No more requests are begun; connections are told to go. Runs on this core.
    void drain();
    // This share of the live connections is told to come back, to land where there are fewer: those
    // first who have been here longest, a few at every tick. Replaces what is left of an earlier
    // call. Runs on this core.
    void rebalance(double share);
    // The same, but never more than this share, and what is left of an earlier call goes first.
    void send_away_at_most(double share);
    // Ends the tick, so that run() returns once the connections have gone.
    void stop_tick();

    void count_connection(int by) {
        open_connections.fetch_add(static_cast<std::size_t>(by), std::memory_order_relaxed);
    }

    // A request id of our own: unique within the node's life.
    std::string next_request_id();

private:
    boost::asio::awaitable<void> tick(duty for_whom);
    void send_some_away();
    void look_at_load(int ticks, base::mono_time now, std::chrono::nanoseconds delay);
    boost::asio::awaitable<void> settle();
    static void look_at(connection_list& all, base::mono_time now);
    void note(app::voter_news news);
    void share_noted();

    std::unique_ptr<boost::asio::steady_timer> tick_timer_;
    std::vector<app::voter_news> noted_;  // since the last tick
    std::string id_prefix_;
    std::uint64_t requests_ = 0;
    std::size_t to_send_away_ = 0;
    bool stopping_ = false;
    bool settling_ = false;
    base::mono_time settle_from_{};
};

}  // namespace tallycast::net
