#pragma once
// One server of the deployment and the link to it: dials, checks that the server is what it is
// taken for, lets the greeter speak first, and begins again whenever the link ends. Once a second
// the server is asked whether its history is still the one it was greeted for. One thread.

#include "back_off.hpp"
#include "dial.hpp"
#include "greeter.hpp"
#include "server_role.hpp"

#include <tallycast/ports/log.hpp>
#include <tallycast/ports/meter.hpp>

#include <functional>
#include <memory>
#include <string>

namespace tallycast::redis {

// What all nodes of a client share.
struct surroundings {
    dialling how;
    std::string library;
    bool cluster = false;
    greeter* first_words = nullptr;
    ports::log& log;
    ports::meter& meter;
    std::function<void()> changed;      // a link came or went
    std::function<void()> lost;         // a primary is gone or none any more
    std::function<bool()> may_connect;  // not while fenced
    std::function<std::vector<slot_range>(const endpoint&)> ranges_of;
    std::function<double()> luck;
};

class node : public std::enable_shared_from_this<node> {
public:
    node(std::shared_ptr<const surroundings> around, endpoint at, server_role as);

    void start();
    // For good: what is under way ends as lost (drop), or is answered first (retire).
    void drop(const std::string& why);
    void retire();
    // Begins again with a fresh connection, as after a fence.
    void reconnect(const std::string& why);
    // Begins again once what is under way was answered.
    void renew();

    // The link, when it may be used.
    const std::shared_ptr<link>& ready() const noexcept { return ready_; }
    const primary& who() const noexcept { return who_; }
    const endpoint& at() const noexcept { return at_; }
    // Why there is no link; empty while there is one. And whether credentials are the reason.
    const std::string& trouble() const noexcept { return trouble_; }
    bool refused() const noexcept { return refused_; }

private:
    static boost::asio::awaitable<void> run(std::shared_ptr<node> self);
    static boost::asio::awaitable<bool> open(std::shared_ptr<node> self);
    static boost::asio::awaitable<base::result<history>> identify(std::shared_ptr<node> self);
    static boost::asio::awaitable<bool> greet(std::shared_ptr<node> self);
    static boost::asio::awaitable<void> stay(std::shared_ptr<node> self);
    void failed(const base::failure& why);
    void set_ready(std::shared_ptr<link> link_or_none);

    std::shared_ptr<const surroundings> around_;
    endpoint at_;
    server_role as_;
    bool wanted_ = true;
    std::shared_ptr<link> line_;   // from the first byte on
    std::shared_ptr<link> ready_;  // once greeted
    primary who_;
    history past_;
    bell wake_;
    std::string trouble_ = "not connected yet";
    bool refused_ = false;
};

}  // namespace tallycast::redis
