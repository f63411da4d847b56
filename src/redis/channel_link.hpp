#pragma once
// One link that listens: subscribes, passes on what is said, asks whether the server is still there
// when it is quiet, and begins again when the link ends. One thread.

#include "dial.hpp"
#include "verdict.hpp"

#include <tallycast/ports/log.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tallycast::redis {

struct listening {
    dialling how;
    endpoint at;
    bool sharded = true;  // SSUBSCRIBE instead of SUBSCRIBE
    std::vector<std::string> channels;
    std::function<void(std::string_view channel, std::string_view payload)> on_message;
    std::function<void()> on_subscribed;             // what was said before may have been missed
    std::function<void(const verdict&)> on_refusal;  // a channel lives elsewhere, or may do so
};

class channel_link : public std::enable_shared_from_this<channel_link> {
public:
    channel_link(listening what, ports::log& log);

    void start();
    void stop();

    // All channels are heard; and why not, where the user may not listen to them.
    bool listens() const noexcept { return listens_; }
    const std::string& refusal() const noexcept { return refusal_; }

    const std::vector<std::string>& channels() const noexcept { return what_.channels; }

private:
    static boost::asio::awaitable<void> run(std::shared_ptr<channel_link> self);
    static boost::asio::awaitable<bool> subscribe(std::shared_ptr<channel_link> self);
    static boost::asio::awaitable<void> stay(std::shared_ptr<channel_link> self);
    bool take(const reply& one);
    void failed(const std::string& why);

    listening what_;
    ports::log& log_;
    std::shared_ptr<link> line_;
    bell wake_;
    bool stopped_ = false;
    bool listens_ = false;
    std::string trouble_;
    std::string refusal_;
};

}  // namespace tallycast::redis
