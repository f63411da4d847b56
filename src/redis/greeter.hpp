#pragma once
// What its owner wants to say over every fresh connection to a primary before anybody else does.

#include "call_result.hpp"
#include "command.hpp"
#include "slot.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tallycast::redis {

// A primary as it was when the link to it was made.
struct primary {
    std::string address;  // host:port
    std::string replid;   // the id of its present history
    std::string replid2;  // of the history before its promotion, which went to second_offset
    std::int64_t second_offset = -1;
    std::vector<slot_range> ranges;  // the slots it owns
};

// Sends a pipeline on that very connection; the library is loaded where it is missing. An error
// reply is a reply.
using say_function = std::function<boost::asio::awaitable<call_result<replies>>(pipeline)>;

class greeter {
public:
    virtual ~greeter() = default;

    // Awaited on a fresh connection to a primary (first connect, reconnect, failover), after AUTH,
    // ROLE and INFO replication were checked and before anything else is sent over it. false: the
    // connection is dropped and another one tried after a back-off. `say` is good until it returns.
    virtual boost::asio::awaitable<bool> greet(const primary& who, say_function say) = 0;

    // Every second or so: a primary that was greeted answers, and is still of the same history.
    virtual void still_there(const primary&) {}

    // A call was refused for what no repetition mends: the user may do less than was thought.
    virtual void refused() {}
};

}  // namespace tallycast::redis
