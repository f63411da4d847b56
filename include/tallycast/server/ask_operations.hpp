#pragma once
// A node of this machine, asked by its operations listener as its supervisors do: by a container's
// health check, and before it is ended.

#include <tallycast/base/error.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <string>
#include <string_view>

namespace tallycast::server {

struct operations_answer {
    unsigned status = 0;
    std::string body;
};

// One request on a connection of its own. Blocks for two seconds at most; unreachable, silent and
// unintelligible nodes are failures with a sentence for the operator.
base::result<operations_answer> ask_operations(const boost::asio::ip::tcp::endpoint& listener,
                                               std::string_view method, std::string_view path);

}  // namespace tallycast::server
