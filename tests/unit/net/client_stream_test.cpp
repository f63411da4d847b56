#include <support/certificates.hpp>

#include <tallycast/net/client_stream.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>

#include <gtest/gtest.h>

#include <array>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tallycast::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

class Client_stream : public testing::Test {
protected:
    static tls_context_ptr context() {
        const test::certificates made;
        return *tls_context::load(made.certificate(), made.key());
    }
    // The node's end of a connection; the other end is `peer_`.
    tcp::socket accepted() {
        tcp::acceptor acceptor(io_, {asio::ip::address_v4::loopback(), 0});
        peer_.connect(acceptor.local_endpoint());
        return acceptor.accept();
    }

    asio::io_context io_;
    tcp::socket peer_{io_};
    boost::system::error_code ec_;
    std::array<char, 64> buffer_{};
};

TEST_F(Client_stream, Over_TLS_leaves_a_descriptor_alone_once_it_is_closed) {
    auto socket = accepted();
    const int number = socket.native_handle();
    client_stream stream(std::move(socket), context());
    stream.close();

    std::array<int, 2> others{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, others.data()), 0);
    if (others[1] == number) std::swap(others[0], others[1]);
    ASSERT_EQ(::dup2(others[0], number), number) << "the number is somebody else's now";
    ASSERT_EQ(::write(others[1], "theirs", 6), 6);

    EXPECT_EQ(stream.read_some(asio::buffer(buffer_), ec_), 0u);
    EXPECT_EQ(ec_, asio::error::bad_descriptor);
    EXPECT_EQ(stream.write_some("ours", ec_), 0u);
    EXPECT_EQ(ec_, asio::error::bad_descriptor);
    stream.shutdown_send();
    stream.close();
    EXPECT_EQ(::read(number, buffer_.data(), buffer_.size()), 6);
    EXPECT_LT(::read(others[1], buffer_.data(), buffer_.size()), 0) << "nothing was written";
    for (const int fd : {number, others[0], others[1]}) ::close(fd);
}

TEST_F(Client_stream, Plain_is_the_socket_itself) {
    client_stream stream(accepted(), nullptr);
    EXPECT_FALSE(stream.encrypted());
    EXPECT_EQ(stream.peer(), asio::ip::address_v4::loopback());
    EXPECT_EQ(stream.read_some(asio::buffer(buffer_), ec_), 0u);
    EXPECT_EQ(ec_, asio::error::would_block);
    EXPECT_EQ(stream.write_some("ours", ec_), 4u);
    EXPECT_EQ(asio::read(peer_, asio::buffer(buffer_, 4)), 4u);
    stream.shutdown_send();
    EXPECT_EQ(peer_.read_some(asio::buffer(buffer_), ec_), 0u);
    EXPECT_EQ(ec_, asio::error::eof);
}

}  // namespace
}  // namespace tallycast::net
