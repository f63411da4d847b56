#pragma once
// Listens to sharded channels (Pub/Sub of Redis 7): finds the primary of each, follows it when it
// moves, and begins again when a link is lost or silent. Messages are not kept anywhere: on_gap
// says when some may have been missed.
//
// One thread: made, used and destroyed on its executor's thread, before the executor's context.
// Both functions are called there, never after stop().

#include "client_options.hpp"

#include <tallycast/ports/log.hpp>
#include <tallycast/redis/deployment.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tallycast::redis {

class subscriber_core;

class subscriber {
public:
    using message_function =
        std::function<void(std::string_view channel, std::string_view payload)>;

    // on_gap: some channels were subscribed to, for the first time or again; what was said before
    // may have been missed. Messages of one channel come in order.
    subscriber(boost::asio::any_io_executor executor, deployment where, client_options options,
               std::vector<std::string> channels, message_function on_message,
               std::function<void()> on_gap, ports::log& log);
    ~subscriber();
    subscriber(const subscriber&) = delete;
    subscriber& operator=(const subscriber&) = delete;

    void start();
    void stop();

    // Every channel of a known primary is heard; and a sentence where the user may not listen.
    bool listens() const;
    std::string refusal() const;

private:
    std::shared_ptr<subscriber_core> core_;
};

}  // namespace tallycast::redis
