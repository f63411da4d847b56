#pragma once
// One connection to one server: what is queued leaves in one write, replies are counted out to
// whoever asked in the order of asking, and a server that owes something and is silent is given up.
// One thread. Its coroutines keep it alive until it ends; nothing is sent over it after that.

#include "bell.hpp"
#include "client_options.hpp"
#include "following.hpp"
#include "reply_reader.hpp"
#include "transport.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tallycast::redis {

// Commands on their way through a link and the replies to them.
struct exchange {
    enum class fate : std::uint8_t {
        queued = 1,
        sent,
        answered,
        not_sent,  // the link ended first, or nobody waited any longer
        lost       // sent, and the link ended before all replies had come
    };

    exchange(boost::asio::any_io_executor executor, std::string b, std::size_t n)
        : bytes(std::move(b)), expected(n), settled(std::move(executor)) {}

    std::string bytes;
    std::size_t expected;
    replies got;
    fate is = fate::queued;
    base::mono_time sent_at{};
    bell settled;

    bool under_way() const noexcept { return is == fate::queued || is == fate::sent; }
};

class link : public std::enable_shared_from_this<link> {
public:
    link(boost::asio::any_io_executor executor, endpoint to, std::unique_ptr<transport> stream,
         std::chrono::milliseconds answer_time);

    void start();

    std::shared_ptr<exchange> send(std::string bytes, std::size_t expected);

    // Until it is answered or lost, or time is up: then one not yet sent will not be, and the
    // replies to another are thrown away when they come.
    static boost::asio::awaitable<void> settle(std::shared_ptr<link> self,
                                               std::shared_ptr<exchange> what,
                                               base::mono_time until);

    // What comes unasked once channels are subscribed to goes there; true: it was that.
    void on_push(std::function<bool(const reply&)> takes) { takes_push_ = std::move(takes); }

    void close(std::string why);
    // Takes nothing new and ends when all is answered.
    void retire();

    bool open() const noexcept { return !closed_; }
    bool takes_more() const noexcept { return !closed_ && !retired_; }
    const std::string& why() const noexcept { return why_; }
    const endpoint& peer() const noexcept { return peer_; }
    bell& ended() noexcept { return ended_; }

    // How often the library was sent over this link: who finds it missing looks whether somebody
    // else has sent it meanwhile.
    std::uint64_t libraries_sent = 0;

    // What is known of the server at the other end, if it is a primary: the id of its history, and
    // who follows it.
    std::string replid;
    following followers;

private:
    static boost::asio::awaitable<void> read(std::shared_ptr<link> self);
    static boost::asio::awaitable<void> write(std::shared_ptr<link> self);
    static boost::asio::awaitable<void> watch(std::shared_ptr<link> self);
    void take_replies();
    void take(reply one);
    std::string all_that_is_queued();

    boost::asio::any_io_executor executor_;
    endpoint peer_;
    std::unique_ptr<transport> stream_;
    std::chrono::milliseconds answer_time_;
    reply_reader reader_;
    std::deque<std::shared_ptr<exchange>> queued_;
    std::deque<std::shared_ptr<exchange>> sent_;
    std::function<bool(const reply&)> takes_push_;
    base::mono_time heard_at_{};
    bell wakes_writer_;
    bell ended_;
    bool closed_ = false;
    bool retired_ = false;
    std::string why_;
};

}  // namespace tallycast::redis
