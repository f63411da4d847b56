#pragma once
// The bytes of one client's connection, plain or over TLS. Plain, every call is that of the socket
// and nothing is added; whether there is TLS is asked once a call, never once a byte. Never blocks.
// One core; one read and one write at a time.

#include <tallycast/net/tls.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

namespace tallycast::net {

class client_stream {
public:
    using socket = boost::asio::ip::tcp::socket;

    // Over TLS with a context, which is not kept.
    client_stream(socket connected, const tls_context_ptr& tls);
    ~client_stream() { close(); }
    client_stream(client_stream&&) = default;
    client_stream& operator=(client_stream&&) = delete;

    bool encrypted() const noexcept { return tls_ != nullptr; }
    bool is_open() const { return socket_.is_open(); }
    boost::asio::ip::address peer() const;

    // To be waited for before anything else, where the stream is encrypted. Why it failed, or
    // empty.
    boost::asio::awaitable<std::string> shake_hands();

    // What there is and what fits, at once; would_block when that is nothing, and an error when the
    // stream is closed.
    std::size_t read_some(boost::asio::mutable_buffer into, boost::system::error_code& ec) {
        if (!tls_) return socket_.read_some(into, ec);
        return still_open(ec) ? tls_->read({static_cast<char*>(into.data()), into.size()}, ec) : 0;
    }
    std::size_t write_some(std::string_view bytes, boost::system::error_code& ec) {
        if (!tls_) return socket_.write_some(boost::asio::buffer(bytes.data(), bytes.size()), ec);
        return still_open(ec) ? tls_->write(bytes, ec) : 0;
    }

    // Some bytes; all bytes. `ec` and the buffers live until it is done.
    boost::asio::awaitable<std::size_t> read(boost::asio::mutable_buffer into,
                                             boost::system::error_code& ec);
    boost::asio::awaitable<std::size_t> write(std::string_view bytes,
                                              boost::system::error_code& ec);
    // To be awaited: the same of a stream that is not encrypted, without a coroutine on the way.
    auto read_plain(boost::asio::mutable_buffer into, boost::system::error_code& ec) {
        return boost::asio::async_initiate<const boost::asio::deferred_t, void(std::size_t)>(
            [this, into, &ec](auto then) {
                socket_.async_read_some(
                    into, [then = std::move(then), &ec](const boost::system::error_code& why,
                                                        std::size_t got) mutable {
                        ec = why;
                        std::move(then)(got);
                    });
            },
            boost::asio::deferred);
    }

    // Calls back with an error, or once read_some() or write_some() may get on.
    template <class Token>
    auto wait_readable(Token&& token) {
        return boost::asio::async_initiate<Token, void(boost::system::error_code)>(
            [this](auto then) {
                if (!tls_ || !tls_->holds_bytes())
                    return socket_.async_wait(socket::wait_read, std::move(then));
                boost::asio::post(socket_.get_executor(), [h = std::move(then)]() mutable {
                    std::move(h)(boost::system::error_code{});
                });
            },
            token);
    }
    template <class Token>
    auto wait_writable(Token&& token) {
        return socket_.async_wait(socket::wait_write, std::forward<Token>(token));
    }

    // Nothing follows; what the other side still sends can be read.
    void shutdown_send();
    void close();
    // Closes and throws away what the kernel still holds for a reader who does not take it.
    void reset();

private:
    // TLS knows the descriptor by its number alone, which is another connection's soon after it was
    // closed.
    bool still_open(boost::system::error_code& ec) const {
        if (!socket_.is_open()) ec = boost::asio::error::bad_descriptor;
        return socket_.is_open();
    }
    boost::asio::awaitable<void> wait_for_tls(boost::system::error_code& ec);
    boost::asio::awaitable<std::size_t> read_tls(boost::asio::mutable_buffer into,
                                                 boost::system::error_code& ec);
    boost::asio::awaitable<std::size_t> write_tls(std::string_view bytes,
                                                  boost::system::error_code& ec);

    socket socket_;
    std::unique_ptr<tls_session> tls_;  // null: plain
};

}  // namespace tallycast::net
