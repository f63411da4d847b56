#pragma once
// Where a run takes place: the nodes it may drive, and the descriptors it needs for that.

#include <tallycast/load/options.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <optional>
#include <string>
#include <vector>

namespace tallycast::load {

using endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

// None, with a word on stderr, when one of them leads nowhere, or off this machine without leave.
std::optional<endpoints> find_nodes(const common_options& from);

// Every connection is a descriptor, and the usual soft limit is 1,024.
void raise_descriptor_limit();

// Keys of two runs against one poll must never meet.
std::string fresh_key_prefix();

}  // namespace tallycast::load
