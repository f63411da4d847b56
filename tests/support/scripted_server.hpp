#pragma once
// A server that says what a test wants, byte for byte: for what no real Redis can be brought to do.
// Lives on the test's executor.

#include <redis/reply_reader.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tallycast::test {

class scripted_server {
public:
    using words = std::vector<std::string>;
    // The bytes to answer a command with; empty: say nothing.
    using script = std::function<std::string(const words& command)>;

    scripted_server(boost::asio::io_context& io, script answers);
    ~scripted_server();
    scripted_server(const scripted_server&) = delete;
    scripted_server& operator=(const scripted_server&) = delete;

    std::uint16_t port() const { return port_; }
    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    // What it was told, without AUTH, ROLE and INFO.
    const std::vector<words>& told() const { return told_; }
    int connections() const { return connections_; }
    // Bytes unasked, to everybody who is connected.
    void say(std::string bytes);

    // Answers ROLE and INFO as a primary does; everything else as told.
    static script primary(script others);

private:
    struct session;
    void accept();
    void read(std::shared_ptr<session> with);
    void write(const std::shared_ptr<session>& to, std::string bytes);

    boost::asio::ip::tcp::acceptor acceptor_;
    std::uint16_t port_;
    script answers_;
    std::vector<words> told_;
    std::vector<std::shared_ptr<session>> sessions_;
    std::shared_ptr<int> alive_ = std::make_shared<int>();
    int connections_ = 0;
};

}  // namespace tallycast::test
