// The least a fan-out can cost: one thread that writes the same frame to every connection with
// send(), so many times a second, and does nothing else. Whoever connects is taken for a WebSocket
// and answered 101 once its request has come; what it says later is never read.
//
//   send_loop <port> <bytes of a frame, 128 to 65000> <times a second>
//
// Runs until it is ended.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using clock_type = std::chrono::steady_clock;

constexpr std::string_view switched =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
constexpr auto between_looks = std::chrono::milliseconds(5);

int listen_at(std::uint16_t port) {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int yes = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool bound = ::bind(listener, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
    return bound && ::listen(listener, 4096) == 0 ? listener : -1;
}

// A text frame of so many bytes in all.
std::string frame_of(std::size_t bytes) {
    constexpr std::size_t head = 4;
    const std::size_t payload = bytes - head;
    std::string frame{static_cast<char>(0x81), static_cast<char>(126),
                      static_cast<char>(payload >> 8), static_cast<char>(payload & 0xff)};
    return frame.append(payload, 'x');
}

// Connections whose request has not come whole, and those that are sent to.
class crowd {
public:
    explicit crowd(int listener) : listener_(listener) {}

    void let_in() {
        for (int one = 0;
             (one = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
            const int yes = 1;
            ::setsockopt(one, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
            greeting_.push_back(one);
        }
        std::erase_if(greeting_, [this](int one) { return greet(one); });
    }

    void send_to_all(std::string_view frame) {
        std::erase_if(members_, [frame](int one) {
            const auto sent = ::send(one, frame.data(), frame.size(), MSG_NOSIGNAL);
            const bool slow = sent < 0 && errno == EAGAIN;
            if (slow || sent == static_cast<ssize_t>(frame.size())) return false;
            ::close(one);
            return true;
        });
    }

private:
    // True when it is no longer greeting: a request of one piece is all that is expected here.
    bool greet(int one) {
        std::array<char, 4096> request{};
        const auto got = ::recv(one, request.data(), request.size(), 0);
        if (got < 0 && errno == EAGAIN) return false;
        const std::string_view text(request.data(),
                                    static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        const bool answered = text.ends_with("\r\n\r\n") &&
                              ::send(one, switched.data(), switched.size(), MSG_NOSIGNAL) ==
                                  static_cast<ssize_t>(switched.size());
        if (answered) members_.push_back(one);
        else ::close(one);
        return true;
    }

    int listener_;
    std::vector<int> greeting_;
    std::vector<int> members_;
};

void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int count, char** words) {
    const int port = count == 4 ? std::atoi(words[1]) : 0;
    const int bytes = count == 4 ? std::atoi(words[2]) : 0;
    const double times = count == 4 ? std::atof(words[3]) : 0;
    if (port < 1 || port > 65535 || bytes < 128 || bytes > 65000 || times < 0.1 || times > 1000) {
        std::fputs("send_loop <port> <bytes, 128 to 65000> <times a second, 0.1 to 1000>\n",
                   stderr);
        return 2;
    }
    raise_descriptor_limit();
    const int listener = listen_at(static_cast<std::uint16_t>(port));
    if (listener < 0) {
        std::perror("send_loop: cannot listen");
        return 1;
    }
    const auto frame = frame_of(static_cast<std::size_t>(bytes));
    const auto interval =
        std::chrono::duration_cast<clock_type::duration>(std::chrono::duration<double>(1 / times));
    crowd all(listener);
    for (auto due = clock_type::now();; std::this_thread::sleep_for(between_looks)) {
        all.let_in();
        if (clock_type::now() < due) continue;
        due += interval;
        all.send_to_all(frame);
    }
}
