#include "transport.hpp"

#include "bell.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <openssl/ssl.h>

#include <optional>
#include <utility>
#include <vector>

namespace tallycast::redis {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using asio::ip::tcp;

namespace {

template <class Stream>
class stream_transport final : public transport {
public:
    explicit stream_transport(Stream stream) : stream_(std::move(stream)) {}
    ~stream_transport() override { close_now(); }

    asio::awaitable<std::size_t> read_some(std::span<char> into,
                                           boost::system::error_code& ec) override {
        co_return co_await stream_.async_read_some(asio::buffer(into.data(), into.size()),
                                                   asio::redirect_error(asio::use_awaitable, ec));
    }
    asio::awaitable<void> write(std::string_view bytes, boost::system::error_code& ec) override {
        co_await asio::async_write(stream_, asio::buffer(bytes.data(), bytes.size()),
                                   asio::redirect_error(asio::use_awaitable, ec));
    }
    void close() override { close_now(); }

private:
    void close_now() {
        boost::system::error_code ignored;
        stream_.lowest_layer().close(ignored);
    }
    Stream stream_;
};

base::failure unreachable(const endpoint& to, const std::string& why) {
    return {base::errc::store_unavailable, to_text(to) + ": " + why};
}

using addresses = std::vector<tcp::endpoint>;

// What a look-up of a name leaves behind. It may come later than anybody waits for it: a look-up
// under way cannot be stopped.
struct look_up {
    explicit look_up(const asio::any_io_executor& executor) : resolver(executor), ended(executor) {}
    tcp::resolver resolver;
    bell ended;
    std::optional<addresses> found;
    boost::system::error_code ec = asio::error::timed_out;
};

asio::awaitable<addresses> resolve(asio::any_io_executor executor, const endpoint& at,
                                   base::mono_time until, boost::system::error_code& ec) {
    const auto number = asio::ip::make_address(at.host, ec);
    if (!ec) co_return addresses{{number, at.port}};
    auto state = std::make_shared<look_up>(executor);
    state->resolver.async_resolve(
        at.host, std::to_string(at.port),
        [state](boost::system::error_code failed, const tcp::resolver::results_type& results) {
            state->ec = failed;
            state->found.emplace();
            for (const auto& entry : results) state->found->push_back(entry.endpoint());
            state->ended.ring();
        });
    if (!state->found) co_await state->ended.wait(until);
    ec = state->ec;
    co_return state->found ? std::move(*state->found) : addresses{};
}

// Closes the socket when the time has come, so that whatever waits for it ends.
class closing_timer {
public:
    closing_timer(const asio::any_io_executor& executor, tcp::socket& socket, base::mono_time until)
        : timer_(executor, until) {
        timer_.async_wait([&socket, alive = std::weak_ptr<int>(alive_)](auto ec) {
            boost::system::error_code ignored;
            if (!ec && !alive.expired()) socket.close(ignored);
        });
    }

private:
    std::shared_ptr<int> alive_ = std::make_shared<int>();
    asio::steady_timer timer_;
};

asio::awaitable<tcp::socket> connect_tcp(asio::any_io_executor executor, const endpoint& to,
                                         base::mono_time until, boost::system::error_code& ec) {
    const auto found = co_await resolve(executor, to, until, ec);
    tcp::socket socket(executor);
    for (const auto& address : found) {
        socket = tcp::socket(executor);
        const closing_timer limit(executor, socket, until);
        co_await socket.async_connect(address, asio::redirect_error(asio::use_awaitable, ec));
        if (!ec || std::chrono::steady_clock::now() >= until) break;
    }
    boost::system::error_code ignored;
    if (!ec) socket.set_option(tcp::no_delay(true), ignored);
    co_return socket;
}

using tls_stream = ssl::stream<tcp::socket>;

asio::awaitable<void> shake_hands(asio::any_io_executor executor, tls_stream& stream,
                                  const endpoint& to, base::mono_time until,
                                  boost::system::error_code& ec) {
    boost::system::error_code is_no_number;
    asio::ip::make_address(to.host, is_no_number);
    if (is_no_number) SSL_set_tlsext_host_name(stream.native_handle(), to.host.c_str());
    stream.set_verify_mode(ssl::verify_peer);
    stream.set_verify_callback(ssl::host_name_verification(to.host));
    const closing_timer limit(executor, stream.next_layer(), until);
    co_await stream.async_handshake(ssl::stream_base::client,
                                    asio::redirect_error(asio::use_awaitable, ec));
}

}  // namespace

base::result<tls_context> make_tls_context(const std::string& ca_file) {
    auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
    boost::system::error_code ec;
    context->set_options(
        ssl::context::default_workarounds | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1, ec);
    if (ca_file.empty()) context->set_default_verify_paths(ec);
    else context->load_verify_file(ca_file, ec);
    if (ec)
        return base::failure{
            base::errc::invalid_request,
            "The authorities for TLS to Redis cannot be used (" + ca_file + "): " + ec.message()};
    return context;
}

asio::awaitable<base::result<std::unique_ptr<transport>>> open_transport(
    asio::any_io_executor executor, endpoint to, tls_context tls, base::mono_time until) {
    boost::system::error_code ec;
    auto socket = co_await connect_tcp(executor, to, until, ec);
    const auto late = [until] { return std::chrono::steady_clock::now() >= until; };
    if (ec) co_return unreachable(to, late() ? "no connection in time" : ec.message());
    if (!tls) co_return std::make_unique<stream_transport<tcp::socket>>(std::move(socket));
    tls_stream stream(std::move(socket), *tls);
    co_await shake_hands(executor, stream, to, until, ec);
    if (ec) co_return unreachable(to, "TLS: " + (late() ? "no handshake in time" : ec.message()));
    co_return std::make_unique<stream_transport<tls_stream>>(std::move(stream));
}

}  // namespace tallycast::redis
