#include <tallycast/net/client_stream.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace tallycast::net {

namespace asio = boost::asio;

client_stream::client_stream(socket connected, const tls_context_ptr& tls)
    : socket_(std::move(connected)) {
    boost::system::error_code ignored;
    socket_.non_blocking(true, ignored);
    if (tls) tls_ = std::make_unique<tls_session>(*tls, socket_.native_handle());
}

asio::ip::address client_stream::peer() const {
    boost::system::error_code ec;
    const auto at = socket_.remote_endpoint(ec);
    return ec ? asio::ip::address{} : at.address();
}

asio::awaitable<void> client_stream::wait_for_tls(boost::system::error_code& ec) {
    const auto what = tls_->wants_to_write() ? socket::wait_write : socket::wait_read;
    co_await socket_.async_wait(what, asio::redirect_error(asio::use_awaitable, ec));
}

asio::awaitable<std::string> client_stream::shake_hands() {
    boost::system::error_code ec;
    tls_->shake_hands(ec);
    while (ec == asio::error::would_block) {
        co_await wait_for_tls(ec);
        if (ec) co_return ec.message();
        tls_->shake_hands(ec);
    }
    co_return ec ? tls_->why() : std::string{};
}

asio::awaitable<std::size_t> client_stream::read(asio::mutable_buffer into,
                                                 boost::system::error_code& ec) {
    if (tls_) return read_tls(into, ec);
    return socket_.async_read_some(into, asio::redirect_error(asio::use_awaitable, ec));
}

asio::awaitable<std::size_t> client_stream::write(std::string_view bytes,
                                                  boost::system::error_code& ec) {
    if (tls_) return write_tls(bytes, ec);
    return asio::async_write(socket_, asio::buffer(bytes.data(), bytes.size()),
                             asio::redirect_error(asio::use_awaitable, ec));
}

asio::awaitable<std::size_t> client_stream::read_tls(asio::mutable_buffer into,
                                                     boost::system::error_code& ec) {
    for (;;) {
        const auto got = read_some(into, ec);
        if (ec != asio::error::would_block) co_return got;
        co_await wait_for_tls(ec);
        if (ec) co_return 0;
    }
}

asio::awaitable<std::size_t> client_stream::write_tls(std::string_view bytes,
                                                      boost::system::error_code& ec) {
    std::size_t all = 0;
    while (all < bytes.size()) {
        all += write_some(bytes.substr(all), ec);
        if (ec == asio::error::would_block) co_await wait_for_tls(ec);
        if (ec) co_return all;
    }
    co_return all;
}

void client_stream::shutdown_send() {
    if (tls_ && socket_.is_open()) tls_->say_goodbye();
    boost::system::error_code ignored;
    socket_.shutdown(socket::shutdown_send, ignored);
}

void client_stream::close() {
    if (!socket_.is_open()) return;
    if (tls_) tls_->say_goodbye();
    boost::system::error_code ignored;
    socket_.close(ignored);
}

void client_stream::reset() {
    boost::system::error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
}

}  // namespace tallycast::net
