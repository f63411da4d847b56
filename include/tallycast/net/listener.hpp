#pragma once
// Accepts connections for one core. Each core has its own on the same port (SO_REUSEPORT), and the
// kernel spreads the connections over them. One file descriptor is kept in reserve, so that a
// process without any left can still turn a client away instead of spinning.

#include <tallycast/net/io_core.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <span>

namespace tallycast::net {

class listener {
public:
    // Binds and listens; throws boost::system::system_error when it cannot.
    listener(io_core& core, const boost::asio::ip::tcp::endpoint& at,
             std::span<const route> routes);
    ~listener();
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;

    boost::asio::awaitable<void> run();
    void close();
    boost::asio::ip::tcp::endpoint local_endpoint() const { return acceptor_.local_endpoint(); }

private:
    void admit(boost::asio::ip::tcp::socket socket);
    void turn_away_without_descriptors();

    io_core& core_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::span<const route> routes_;
    int reserve_;
};

}  // namespace tallycast::net
