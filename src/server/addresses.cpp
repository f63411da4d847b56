#include <tallycast/server/addresses.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>

namespace tallycast::server {

namespace ip = boost::asio::ip;

std::string host_text(const ip::address& address) {
    const auto text = address.to_string();
    return address.is_v6() ? '[' + text + ']' : text;
}

std::string url_of(const ip::address& address, std::uint16_t port, std::string_view scheme) {
    return std::string(scheme) + "://" + host_text(address) + ':' + std::to_string(port);
}

ip::address reachable_here(const ip::tcp::endpoint& at) {
    if (!at.address().is_unspecified()) return at.address();
    return ip::make_address(at.address().is_v6() ? "::1" : "127.0.0.1");
}

// Connecting a datagram socket asks the routing table and sends nothing.
std::optional<ip::address> reachable_from_near(const ip::tcp::endpoint& at) {
    if (!at.address().is_unspecified()) return std::nullopt;
    boost::asio::io_context io;
    ip::udp::socket probe(io);
    boost::system::error_code ec;
    probe.connect({ip::make_address("192.0.2.1"), 9}, ec);
    if (ec) return std::nullopt;
    const auto local = probe.local_endpoint(ec);
    if (ec || local.address().is_loopback()) return std::nullopt;
    return local.address();
}

}  // namespace tallycast::server
