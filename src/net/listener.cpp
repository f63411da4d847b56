#include <tallycast/net/listener.hpp>

#include <tallycast/net/http_session.hpp>
#include <tallycast/wire/problem.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <utility>

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tallycast::net {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

using reuse_port = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
using unsent_limit = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_NOTSENT_LOWAT>;

// What the kernel takes of a reader who does not keep up, beyond what is on its way. Left alone it
// would queue megabytes of old results, and none of them could be replaced by newer ones.
constexpr int unsent_bytes = 128 * 1024;

constexpr std::chrono::milliseconds breath{100};  // after a failed accept: no busy loop

// What a client gets when this core is full: small, and sent without waiting or reading.
std::string full_answer(io_core& core) {
    base::failure f{base::errc::overloaded, "The node has all the connections it takes."};
    f.retry_after = base::milliseconds{2000};
    const auto now = core.app.clock.wall();
    const auto id = core.next_request_id();
    response_head head;
    head.status = 503;
    head.content_type = problem_type;
    head.request_id = id;
    head.date = core.date.at(now);
    head.extra = "Retry-After: 2\r\n";
    head.keep_alive = false;
    std::string out;
    append_response(out, head, wire::write_problem(f, id, now));
    return out;
}

int open_reserve() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

}  // namespace

listener::listener(io_core& core, const tcp::endpoint& at, std::span<const route> routes)
    : core_(core), acceptor_(core.io), routes_(routes), reserve_(open_reserve()) {
    acceptor_.open(at.protocol());
    acceptor_.set_option(asio::socket_base::reuse_address(true));
    acceptor_.set_option(reuse_port(true));
    acceptor_.set_option(unsent_limit(unsent_bytes));  // accepted sockets inherit it
    acceptor_.bind(at);
    acceptor_.listen(4096);
}

listener::~listener() {
    if (reserve_ >= 0) ::close(reserve_);
}

void listener::close() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
}

asio::awaitable<void> listener::run() {
    while (acceptor_.is_open()) {
        boost::system::error_code ec;
        tcp::socket socket =
            co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, ec));
        if (!ec) {
            admit(std::move(socket));
            continue;
        }
        if (!acceptor_.is_open()) co_return;
        if (ec == asio::error::no_descriptors) turn_away_without_descriptors();
        core_.app.log.write(ports::severity::warn, "accepting a connection failed",
                            {{"why", ec.message()}});
        asio::steady_timer wait(core_.io, breath);
        co_await wait.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    }
}

void listener::admit(tcp::socket socket) {
    boost::system::error_code ec;
    if (core_.open_connections.load(std::memory_order_relaxed) >= core_.settings.max_connections) {
        core_.app.meter.add(ports::count::connections_refused);
        if (core_.settings.tls) return;  // nothing to say before a handshake
        socket.non_blocking(true, ec);
        socket.write_some(asio::buffer(full_answer(core_)), ec);
        return;
    }
    core_.app.meter.add(ports::count::connections_accepted);
    socket.set_option(tcp::no_delay(true), ec);
    auto session = std::make_shared<http_session>(
        core_, client_stream{std::move(socket), core_.settings.tls}, routes_);
    // The handler owns the session for as long as its coroutine runs.
    asio::co_spawn(core_.io, session->run(), [this, session](std::exception_ptr thrown) {
        if (!thrown) return;
        try {
            std::rethrow_exception(thrown);
        } catch (const std::exception& e) {
            core_.app.log.write(ports::severity::error, "a connection failed", {{"why", e.what()}});
        }
    });
}

void listener::turn_away_without_descriptors() {
    core_.app.meter.add(ports::count::connections_refused);
    if (reserve_ >= 0) ::close(reserve_);
    const int fd =
        ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) ::close(fd);
    reserve_ = open_reserve();
}

}  // namespace tallycast::net
