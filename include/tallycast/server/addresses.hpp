#pragma once
// By which addresses a node is reached: from this machine, and from the phones around it.

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tallycast::server {

// "192.0.2.7", "[2001:db8::7]"
std::string host_text(const boost::asio::ip::address& address);
std::string url_of(const boost::asio::ip::address& address, std::uint16_t port,
                   std::string_view scheme = "http");

boost::asio::ip::address reachable_here(const boost::asio::ip::tcp::endpoint& at);

// The address by which a phone in the same network reaches a node that listens on all of them: the
// one the system would send from. Nothing for a node that listens on one.
std::optional<boost::asio::ip::address> reachable_from_near(
    const boost::asio::ip::tcp::endpoint& at);

}  // namespace tallycast::server
