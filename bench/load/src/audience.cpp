#include <tallycast/load/audience.hpp>

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace tallycast::load {

namespace {

constexpr std::size_t admitted_at_a_time = 128;  // stays below a listener's backlog
constexpr std::size_t versions_remembered = 64;

bool is_writable(int socket) {
    pollfd asked{socket, POLLOUT, 0};
    return ::poll(&asked, 1, 0) == 1;
}

}  // namespace

audience::audience(endpoints nodes, watch_wishes wishes)
    : nodes_(std::move(nodes)), wishes_(std::move(wishes)) {}

audience::~audience() {
    for (auto& each : seats_) lose(each);
}

bool audience::admit(std::uint32_t more, clock::time_point deadline) {
    const std::size_t wanted = seats_.size() + more;
    seats_.reserve(wanted);
    while (watching() < wanted) {
        if (lost_ > 0 || clock::now() > deadline) return false;
        if (watching() == seats_.size()) {
            const auto until = std::min(wanted, seats_.size() + admitted_at_a_time);
            while (seats_.size() < until) open(seats_.emplace_back(), seats_.size() - 1);
        }
        sweep();
    }
    return true;
}

void audience::open(seat& one, std::size_t node) {
    const auto& to = nodes_[node % nodes_.size()];
    one.socket = ::socket(to.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (one.socket < 0) return lose(one);
    if (::connect(one.socket, to.data(), static_cast<socklen_t>(to.size())) != 0 &&
        errno != EINPROGRESS)
        lose(one);
}

void audience::begin(seat& one) {
    if (!is_writable(one.socket)) return;
    one.connected = true;
    const int yes = 1;
    ::setsockopt(one.socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    send(one, wishes_.request);
}

void audience::sweep() {
    for (auto& each : seats_) {
        if (each.socket < 0) continue;
        if (!each.connected) begin(each);
        else read(each);
    }
}

void audience::read(seat& one) {
    std::array<char, 16 * 1024> buffer;
    const auto got = ::recv(one.socket, buffer.data(), buffer.size(), 0);
    if (got > 0) return take(one, {buffer.data(), static_cast<std::size_t>(got)});
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    lose(one);
}

void audience::take(seat& one, std::string_view bytes) {
    const auto messages = one.who.messages();
    const auto size = one.who.bytes();
    const auto version = one.who.version();
    out_.clear();
    one.who.take(bytes, wishes_, out_);
    if (one.who.now() == watcher::stage::broken) return lose(one);
    if (!out_.empty()) send(one, out_);
    messages_.fetch_add(one.who.messages() - messages, std::memory_order_relaxed);
    bytes_.fetch_add(one.who.bytes() - size, std::memory_order_relaxed);
    if (one.who.version() != version) saw(one.who.version());
}

// What a subscriber says is short and fits into an empty socket.
void audience::send(seat& one, std::string_view bytes) {
    const auto sent = ::send(one.socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(bytes.size())) lose(one);
}

void audience::lose(seat& one) {
    if (one.socket >= 0) ::close(one.socket);
    one.socket = -1;
    ++lost_;
}

void audience::saw(std::uint64_t version) {
    const auto now = clock::now();
    const auto [first, is_new] = first_seen_.try_emplace(version, now);
    spread_.record(now - first->second);
    if (is_new && first_seen_.size() > versions_remembered) first_seen_.erase(first_seen_.begin());
}

bool audience::sweep_until_version(std::uint64_t version, clock::time_point deadline) {
    const auto all_there = [&] {
        return std::all_of(seats_.begin(), seats_.end(),
                           [&](const seat& each) { return each.who.version() >= version; });
    };
    while (!all_there()) {
        if (clock::now() > deadline) return false;
        sweep();
    }
    return true;
}

std::size_t audience::watching() const {
    return static_cast<std::size_t>(
        std::count_if(seats_.begin(), seats_.end(), [](const seat& each) {
            return each.socket >= 0 && each.who.now() == watcher::stage::watching;
        }));
}

std::uint64_t audience::pings() const {
    std::uint64_t all = 0;
    for (const auto& each : seats_) all += each.who.pings();
    return all;
}

std::uint64_t audience::steps_back() const {
    std::uint64_t all = 0;
    for (const auto& each : seats_) all += each.who.steps_back();
    return all;
}

std::uint64_t audience::fewest_messages() const {
    std::uint64_t fewest = ~std::uint64_t{0};
    for (const auto& each : seats_) fewest = std::min(fewest, each.who.messages());
    return seats_.empty() ? 0 : fewest;
}

std::uint64_t audience::most_messages() const {
    std::uint64_t most = 0;
    for (const auto& each : seats_) most = std::max(most, each.who.messages());
    return most;
}

}  // namespace tallycast::load
