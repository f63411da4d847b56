#pragma once
// Keeps the registry as the catalog in Redis is: loads it once and then follows the stream of
// changes, each of which is told as it comes. Knows the store's clock, too. Lives on its client's
// executor; one thread.

#include "announcer.hpp"
#include "bell.hpp"
#include "client.hpp"
#include "registry.hpp"
#include "store_clock.hpp"

#include <tallycast/base/error.hpp>
#include <tallycast/ports/log.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>

namespace tallycast::redis {

class follower {
public:
    follower(boost::asio::any_io_executor executor, client& redis, registry& known, announcer& feed,
             store_clock& clock, ports::log& log)
        : redis_(redis),
          known_(known),
          feed_(feed),
          clock_(clock),
          log_(log),
          finished_(std::move(executor)) {}

    // Returns when every change that was written, by any node, before the call is known and told.
    // Calls that come while one is under way share the next.
    boost::asio::awaitable<base::result<void>> catch_up();

    // What is known may be of a history that is no more: the next catch_up loads everything.
    void distrust() { last_.clear(); }

    // The change that what is known goes up to; empty where it is distrusted.
    const std::string& last_change() const { return last_; }

    // The store's clock, as of the last catch_up.
    base::wall_time now() const { return clock_.wall(); }
    void heard_time(base::wall_time store) { clock_.heard(store); }

private:
    boost::asio::awaitable<base::result<void>> read_changes();
    boost::asio::awaitable<base::result<void>> load();
    bool missed_some(const reply& oldest) const;
    std::size_t take(const reply& entries);

    client& redis_;
    registry& known_;
    announcer& feed_;
    store_clock& clock_;
    ports::log& log_;
    std::string last_;  // the change known last; empty: nothing is

    bell finished_;
    bool reading_ = false;
    std::uint64_t begun_ = 0;
    std::uint64_t ended_ = 0;  // every reading up to this one is done
    base::result<void> outcome_;
};

}  // namespace tallycast::redis
