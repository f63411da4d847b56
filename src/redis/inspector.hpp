#pragma once
// Looks whether every primary is as it must be: new enough, forgetting no ballot, keeping the
// level, and letting the user do what nodes do. At the start whatever is wrong is a reason not to;
// later it is looked again now and then, and at once when a primary is new or a call was refused.
// One thread, that of its client.

#include "client.hpp"
#include "server_facts.hpp"

#include <tallycast/base/error.hpp>
#include <tallycast/base/time.hpp>
#include <tallycast/ports/log.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tallycast::redis {

class inspector {
public:
    inspector(boost::asio::any_io_executor executor, client& redis, durability level,
              ports::log& log)
        : executor_(std::move(executor)), redis_(redis), level_(level), log_(log) {}

    // All that can be reached. Nothing while the primary of the catalog has not answered, or for a
    // while when another has not; then what that of the catalog can keep, or a sentence about the
    // first that will not do.
    boost::asio::awaitable<std::optional<base::result<server_facts>>> look_first();

    // Once the node runs: log and sentences below follow what is found. What the user may do is
    // tried only when there is a reason, as it is a write.
    boost::asio::awaitable<void> look();
    void look_soon() { soon_ = true; }
    bool is_due(base::mono_time now) const;

    // For the operator, with the server's address: what its user may not do, so that votes would be
    // refused; and what else is not as it must be. Empty: nothing.
    std::string forbidden() const;
    std::string unfit() const;

private:
    struct opinion {
        std::string forbidden;
        std::string unfit;
        bool operator==(const opinion&) const = default;
    };
    boost::asio::awaitable<void> look_at_all(bool trying);
    boost::asio::awaitable<void> look_at(primary who, bool trying);
    boost::asio::awaitable<std::string> forbidden_at(primary who);
    boost::asio::awaitable<std::string> tried(slot at, std::string tag,
                                              std::vector<std::string> channels);
    void tell(const std::string& server, const opinion& before, const opinion& now) const;

    boost::asio::any_io_executor executor_;
    client& redis_;
    durability level_;
    ports::log& log_;
    std::map<std::string, opinion> known_;  // by address; of those that have answered
    std::optional<server_facts> of_catalog_;
    base::mono_time others_until_{};
    base::mono_time looked_at_{};
    bool soon_ = false;
};

}  // namespace tallycast::redis
