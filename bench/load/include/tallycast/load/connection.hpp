#pragma once
// One TCP connection that comes back by itself, with growing and jittered waits, however often it
// breaks; each time to the next of its nodes, as a phone behind a load balancer does. One thread;
// lives until its io_context has stopped running.

#include <tallycast/load/protocol.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace tallycast::load {

class connection;

// Told from the connection's thread, never from inside connection::ask.
class connection_owner {
public:
    virtual void on_ready(connection& which) = 0;
    // The connection is ready again unless `which.ready()` says otherwise.
    virtual void on_answer(connection& which, const answer& what) = 0;
    // had_question: one was under way, and nobody knows what became of it.
    virtual void on_broken(connection& which, bool had_question) = 0;

protected:
    ~connection_owner() = default;
};

class connection {
public:
    using clock = std::chrono::steady_clock;

    // nodes: at least one; outlives the connection. The first is nodes[begin modulo their number].
    connection(boost::asio::io_context& io,
               const std::vector<boost::asio::ip::tcp::endpoint>& nodes, std::size_t begin,
               std::unique_ptr<protocol> speaks, connection_owner& owner, std::uint64_t seed);

    void open();
    void close();  // for good; nothing is told any more

    bool ready() const noexcept { return state_ == state::ready; }
    // Only while ready.
    void ask(const question& what, clock::time_point now);
    // Gives the connection up when it has been silent since before that time, waiting for an
    // answer, for the node's greeting or for the connection itself.
    void expire_before(clock::time_point oldest);

    std::uint32_t tag = 0;  // the owner's: what the question under way is about

private:
    enum class state { closed, waiting, connecting, greeting, ready, asking };

    void connect();
    void connected(const boost::system::error_code& error);
    void arm_read();
    void received(const boost::system::error_code& error, std::size_t bytes);
    bool digest();
    void answered(const step& next);
    void flush();
    void flushed(const boost::system::error_code& error);
    void lose();
    void retry_connect();

    const std::vector<boost::asio::ip::tcp::endpoint>& nodes_;
    std::size_t at_;  // its node
    std::unique_ptr<protocol> speaks_;
    connection_owner& owner_;
    boost::asio::ip::tcp::socket socket_;
    boost::asio::steady_timer pause_;
    std::minstd_rand random_;
    state state_ = state::closed;
    clock::time_point busy_since_{};
    std::uint64_t generation_ = 0;  // handlers of an earlier socket are stale
    unsigned failures_ = 0;         // since the last answer or greeting
    bool writing_ = false;
    std::array<char, 16 * 1024> chunk_;
    std::string in_;
    std::string out_;
};

}  // namespace tallycast::load
