#pragma once
// How the nodes of one store know of each other. Threads and lifetime as in vote_store.hpp.

#include <tallycast/base/error.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tallycast::ports {

// What a node said last. Clocks are compared with nobody's: a node is there as long as its beat
// changes.
struct node_word {
    std::string node;  // its name for this life
    std::uint64_t beat = 0;
    std::uint64_t people = 0;  // live connections
    friend bool operator==(const node_word&, const node_word&) = default;
};

class roll_call {
public:
    virtual ~roll_call() = default;

    // Puts this node's word in the place of its last one, strikes the words of the nodes named, and
    // gives what every node has said last, this one's word included. A word stays until it is
    // struck. Repeats do no harm. store_unavailable, overloaded, shutting_down.
    virtual boost::asio::awaitable<base::result<std::vector<node_word>>> call_roll(
        std::optional<node_word> own, std::vector<std::string> strike) = 0;
};

}  // namespace tallycast::ports
