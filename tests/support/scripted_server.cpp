#include <support/scripted_server.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <utility>

namespace tallycast::test {

namespace asio = boost::asio;
using asio::ip::tcp;

struct scripted_server::session {
    explicit session(tcp::socket s) : socket(std::move(s)) {}
    tcp::socket socket;
    redis::reply_reader reader;  // a command is an array of texts, like many a reply
    std::array<char, 16384> bytes{};
};

scripted_server::scripted_server(asio::io_context& io, script answers)
    : acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      port_(acceptor_.local_endpoint().port()),
      answers_(std::move(answers)) {
    accept();
}

scripted_server::~scripted_server() {
    boost::system::error_code ignored;
    for (const auto& one : sessions_) one->socket.close(ignored);
}

void scripted_server::accept() {
    acceptor_.async_accept([this, alive = std::weak_ptr(alive_)](auto ec, tcp::socket socket) {
        if (ec || alive.expired()) return;
        ++connections_;
        sessions_.push_back(std::make_shared<session>(std::move(socket)));
        read(sessions_.back());
        accept();
    });
}

void scripted_server::read(std::shared_ptr<session> with) {
    auto& socket = with->socket;
    const auto into = asio::buffer(with->bytes);
    socket.async_read_some(into,
                           [this, with, alive = std::weak_ptr(alive_)](auto ec, std::size_t size) {
                               if (ec || alive.expired()) return;
                               with->reader.feed({with->bytes.data(), size});
                               while (auto command = with->reader.next()) {
                                   words said;
                                   for (auto& item : command->items)
                                       said.push_back(std::move(item.text));
                                   const auto& name = said.front();
                                   if (name != "AUTH" && name != "ROLE" && name != "INFO")
                                       told_.push_back(said);
                                   write(with, answers_(said));
                               }
                               read(with);
                           });
}

// Answers are short: the kernel takes them at once.
void scripted_server::write(const std::shared_ptr<session>& to, std::string bytes) {
    boost::system::error_code ignored;
    if (!bytes.empty()) asio::write(to->socket, asio::buffer(bytes), ignored);
}

void scripted_server::say(std::string bytes) {
    for (const auto& one : sessions_) write(one, bytes);
}

scripted_server::script scripted_server::primary(script others) {
    return [others = std::move(others)](const words& command) -> std::string {
        if (command.front() == "ROLE") return "*1\r\n$6\r\nmaster\r\n";
        if (command.front() != "INFO") return others(command);
        const std::string lines =
            "master_replid:aa\r\nmaster_replid2:00\r\nsecond_repl_offset:-1\r\n";
        return "$" + std::to_string(lines.size()) + "\r\n" + lines + "\r\n";
    };
}

}  // namespace tallycast::test
