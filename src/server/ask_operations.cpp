#include <tallycast/server/ask_operations.hpp>

#include <tallycast/server/addresses.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>

#include <charconv>
#include <chrono>
#include <future>

namespace tallycast::server {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::chrono::seconds patience{2};
constexpr std::size_t longest_answer = 64 * 1024;

base::failure unanswered(std::string why) {
    return {base::errc::internal, "The node does not answer: " + std::move(why) + '.'};
}

// HTTP/1.0, so that the answer ends with the connection.
std::string request_text(std::string_view method, std::string_view path) {
    std::string text(method);
    return text.append(" ").append(path).append(
        " HTTP/1.0\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
}

base::result<operations_answer> answer_in(std::string_view text) {
    constexpr std::string_view version = "HTTP/1.1 ";
    const auto head = text.find("\r\n\r\n");
    operations_answer answer;
    if (!text.starts_with(version) || head == std::string_view::npos)
        return unanswered("this is not the operations listener");
    const auto status = text.substr(version.size(), 3);
    std::from_chars(status.data(), status.data() + status.size(), answer.status);
    answer.body = text.substr(head + 4);
    return answer;
}

asio::awaitable<base::result<operations_answer>> exchange_with(tcp::endpoint node,
                                                               std::string request) {
    boost::system::error_code ec;
    tcp::socket socket(co_await asio::this_coro::executor);
    co_await socket.async_connect(node, asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return unanswered(ec.message());
    co_await asio::async_write(socket, asio::buffer(request),
                               asio::redirect_error(asio::use_awaitable, ec));
    std::string text;
    co_await asio::async_read(socket, asio::dynamic_buffer(text, longest_answer),
                              asio::redirect_error(asio::use_awaitable, ec));
    if (ec && ec != asio::error::eof) co_return unanswered(ec.message());
    co_return answer_in(text);
}

}  // namespace

base::result<operations_answer> ask_operations(const tcp::endpoint& listener,
                                               std::string_view method, std::string_view path) {
    asio::io_context io;
    const tcp::endpoint node(reachable_here(listener), listener.port());
    auto asked =
        asio::co_spawn(io, exchange_with(node, request_text(method, path)), asio::use_future);
    io.run_for(patience);
    if (asked.wait_for(std::chrono::seconds{0}) != std::future_status::ready)
        return unanswered("nothing came within two seconds");
    return asked.get();
}

}  // namespace tallycast::server
