#include <tallycast/net/proxy.hpp>

#include <gtest/gtest.h>

namespace tallycast::net {
namespace {

using boost::asio::ip::make_address;

std::vector<address_block> blocks(std::initializer_list<const char*> texts) {
    std::vector<address_block> all;
    for (const auto* text : texts) all.push_back(*parse_address_block(text));
    return all;
}

TEST(Proxy, Reads_blocks_and_refuses_what_is_none) {
    for (const auto* good : {"10.0.0.0/8", "127.0.0.1", "::1", "fd00::/8", "0.0.0.0/0"})
        EXPECT_TRUE(parse_address_block(good)) << good;
    for (const auto* bad :
         {"", "10.0.0.0/33", "::/129", "10.0.0/8", "host", "10.0.0.0/", "10.0.0.0/8x", "/8"})
        EXPECT_FALSE(parse_address_block(bad)) << bad;
}

TEST(Proxy, A_block_holds_what_shares_its_leading_bits) {
    const auto block = *parse_address_block("10.20.0.0/14");
    EXPECT_TRUE(contains(block, make_address("10.23.255.255")));
    EXPECT_FALSE(contains(block, make_address("10.24.0.0")));
    EXPECT_FALSE(contains(block, make_address("::1")));
    EXPECT_TRUE(contains(block, make_address("::ffff:10.20.1.1")));  // IPv4 through an IPv6 socket
}

TEST(Proxy, Nothing_is_believed_of_a_peer_that_is_not_trusted) {
    EXPECT_EQ(client_address(make_address("203.0.113.9"), "1.2.3.4", {}),
              make_address("203.0.113.9"));
    EXPECT_EQ(client_address(make_address("203.0.113.9"), "1.2.3.4", blocks({"10.0.0.0/8"})),
              make_address("203.0.113.9"));
}

TEST(Proxy, The_client_is_the_rightmost_that_is_not_a_proxy) {
    const auto trusted = blocks({"10.0.0.0/8", "127.0.0.1"});
    const auto peer = make_address("127.0.0.1");
    EXPECT_EQ(client_address(peer, "198.51.100.7", trusted), make_address("198.51.100.7"));
    EXPECT_EQ(client_address(peer, "6.6.6.6, 198.51.100.7, 10.1.1.1", trusted),
              make_address("198.51.100.7"));
    EXPECT_EQ(client_address(peer, "198.51.100.7,garbage", trusted), peer);
    EXPECT_EQ(client_address(peer, "", trusted), peer);
    EXPECT_EQ(client_address(peer, "10.2.2.2, 10.1.1.1", trusted), make_address("10.2.2.2"));
}

TEST(Proxy, Limits_are_kept_by_ipv4_address_and_by_ipv6_network) {
    EXPECT_EQ(limit_key(make_address("192.0.2.1")), limit_key(make_address("::ffff:192.0.2.1")));
    EXPECT_NE(limit_key(make_address("192.0.2.1")), limit_key(make_address("192.0.2.2")));
    EXPECT_EQ(limit_key(make_address("2001:db8:1:2::1")),
              limit_key(make_address("2001:db8:1:2:ffff::9")));
    EXPECT_NE(limit_key(make_address("2001:db8:1:2::1")),
              limit_key(make_address("2001:db8:1:3::1")));
}

}  // namespace
}  // namespace tallycast::net
