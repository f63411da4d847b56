#pragma once
// Whose word counts for where a request comes from: X-Forwarded-For is read only when the peer is a
// trusted proxy, from the right, up to the first address that is not one. Pure.

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tallycast::net {

struct address_block {
    boost::asio::ip::address network;
    unsigned prefix = 0;  // leading bits that must agree
};

// "10.0.0.0/8", "::1/128", or a lone address.
std::optional<address_block> parse_address_block(std::string_view text);

bool contains(const address_block& block, const boost::asio::ip::address& address);
bool any_contains(const std::vector<address_block>& blocks,
                  const boost::asio::ip::address& address);

boost::asio::ip::address client_address(const boost::asio::ip::address& peer,
                                        std::string_view forwarded_for,
                                        const std::vector<address_block>& trusted);

// One number for an IPv4 address, or for the /64 an IPv6 address lies in: what a limit is kept by.
std::uint64_t limit_key(const boost::asio::ip::address& address);

}  // namespace tallycast::net
