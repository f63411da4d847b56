#include <tallycast/load/gathering.hpp>

#include <tallycast/load/ws_frame.hpp>

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <utility>

namespace tallycast::load {

namespace {

constexpr std::chrono::seconds opening_time{10};
constexpr int longest_sleep_ms = 100;
constexpr std::uint64_t bell_tag = ~std::uint64_t{0};
constexpr std::uint32_t mask = 0x2545f491;  // need not be secret, only well-formed

std::uint64_t tag_of(std::uint32_t seat, std::uint32_t generation) {
    return static_cast<std::uint64_t>(generation) << 32 | seat;
}

}  // namespace

gathering::gathering(endpoints nodes, watch_wishes wishes, std::uint64_t seed)
    : nodes_(std::move(nodes)),
      wishes_(std::move(wishes)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      bell_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      random_(static_cast<std::minstd_rand::result_type>(seed)) {
    epoll_event wanted{EPOLLIN | EPOLLET, {}};
    wanted.data.u64 = bell_tag;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, bell_, &wanted);
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

gathering::~gathering() {
    thread_.request_stop();
    wake();
    thread_.join();
    for (auto& each : seats_) close(each);
    ::close(bell_);
    ::close(epoll_);
}

void gathering::wake() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(bell_, &one, sizeof one);
}

void gathering::run(const std::stop_token& stop) {
    std::array<epoll_event, 256> happened;
    int wait = 0;
    while (!stop.stop_requested()) {
        const int count = ::epoll_wait(epoll_, happened.data(), happened.size(), wait);
        const std::lock_guard lock(mutex_);
        for (int i = 0; i < count; ++i) {
            const auto& each = happened[static_cast<std::size_t>(i)];
            const auto index = static_cast<std::uint32_t>(each.data.u64);
            const auto generation = static_cast<std::uint32_t>(each.data.u64 >> 32);
            if (index < seats_.size() && seats_[index].generation == generation)
                handle(index, each.events);
        }
        const auto now = clock::now();
        run_errands(now);
        wait = patience(now);
    }
}

void gathering::run_errands(clock::time_point now) {
    while (!errands_.empty() && errands_.top().at <= now) {
        const auto next = errands_.top();
        errands_.pop();
        if (next.seat >= seats_.size() || seats_[next.seat].generation != next.generation) continue;
        if (next.opens) open(next.seat, now);
        else if (seats_[next.seat].who.now() != watcher::stage::watching) lose(next.seat, {});
    }
}

// Milliseconds until the next errand, rounded up.
int gathering::patience(clock::time_point now) const {
    if (errands_.empty()) return longest_sleep_ms;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(errands_.top().at - now);
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, longest_sleep_ms));
}

void gathering::arrive(clock::time_point due) {
    const std::lock_guard lock(mutex_);
    auto& one = seats_.emplace_back();
    const auto index = static_cast<std::uint32_t>(seats_.size() - 1);
    one.node = index % nodes_.size();
    one.due = due;
    // A seat that was left and is taken again must not hear of the connection before.
    one.generation = static_cast<std::uint32_t>(random_());
    errands_.push({clock::now(), index, one.generation, true});
    wake();
}

void gathering::open(std::uint32_t index, clock::time_point now) {
    auto& one = seats_[index];
    const auto& to = nodes_[one.node];
    ++figures_.attempts;
    ++one.generation;
    one.who = {};
    one.connected = false;
    errands_.push({now + opening_time, index, one.generation, false});
    one.socket = ::socket(to.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (one.socket < 0) return lose(index, {});
    const int yes = 1;
    ::setsockopt(one.socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    epoll_event wanted{EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, {}};
    wanted.data.u64 = tag_of(index, one.generation);
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, one.socket, &wanted);
    if (::connect(one.socket, to.data(), static_cast<socklen_t>(to.size())) != 0 &&
        errno != EINPROGRESS)
        lose(index, {});
}

void gathering::handle(std::uint32_t index, std::uint32_t happened) {
    auto& one = seats_[index];
    if (one.socket < 0) return;
    if (!one.connected && (happened & (EPOLLERR | EPOLLHUP)) != 0) return lose(index, {});
    if (!one.connected && (happened & EPOLLOUT) != 0) {
        one.connected = true;
        send(index, wishes_.request);
    }
    if ((happened & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) read(index);
}

// Until there is nothing left, as one is told only once.
void gathering::read(std::uint32_t index) {
    std::array<char, 16 * 1024> buffer;
    while (seats_[index].socket >= 0) {
        const auto got = ::recv(seats_[index].socket, buffer.data(), buffer.size(), 0);
        if (got > 0) {
            take(index, {buffer.data(), static_cast<std::size_t>(got)});
        } else {
            if (got == 0 || (errno != EAGAIN && errno != EINTR)) lose(index, {});
            return;
        }
    }
}

void gathering::take(std::uint32_t index, std::string_view bytes) {
    auto& one = seats_[index];
    const auto messages = one.who.messages();
    const auto steps_back = one.who.steps_back();
    out_.clear();
    one.who.take(bytes, wishes_, out_);
    const auto now = clock::now();
    figures_.messages += one.who.messages() - messages;
    figures_.steps_back += one.who.steps_back() - steps_back;
    if (!one.in && one.who.now() == watcher::stage::watching) entered(one, now);
    if (!one.informed && !awaited_.empty() && one.who.saw_final(awaited_)) {
        one.informed = true;
        ++informed_;
        figures_.revealed.record(now - closed_);
    }
    if (one.who.now() == watcher::stage::broken) return lose(index, one.who.ended());
    if (!out_.empty()) send(index, out_);
}

void gathering::entered(seat& one, clock::time_point now) {
    ++watching_;
    one.failures = 0;
    (one.was_in ? figures_.away : figures_.entered).record(now - one.due);
    if (one.was_in) ++figures_.back;
    one.in = one.was_in = true;
}

// What one says is short and fits into an empty socket.
void gathering::send(std::uint32_t index, std::string_view bytes) {
    const auto sent = ::send(seats_[index].socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(bytes.size())) lose(index, {});
}

void gathering::lose(std::uint32_t index, const parting& how) {
    auto& one = seats_[index];
    const auto now = clock::now();
    if (one.in) {
        ++figures_.lost;
        one.due = now;
    }
    auto& ending = figures_.endings[how.code];
    ++(how.says == parting::advice::none ? ending.second : ending.first);
    close(one);
    one.node = (one.node + 1) % nodes_.size();
    const double random = std::uniform_real_distribution<double>(0, 1)(random_);
    errands_.push({now + comeback_wait(how, one.failures, random), index, ++one.generation, true});
    ++one.failures;
}

void gathering::close(seat& one) {
    if (one.socket >= 0) ::close(one.socket);
    one.socket = -1;
    if (one.in) --watching_;
    one.in = false;
}

void gathering::cut(double share) {
    const std::lock_guard lock(mutex_);
    const auto whole = [share](std::size_t people) {
        return std::floor(share * static_cast<double>(people));
    };
    for (std::uint32_t i = 0; i < seats_.size(); ++i) {
        if (whole(i + 1) > whole(i) && seats_[i].in) lose(i, {});
    }
    wake();
}

void gathering::leave(std::size_t count) {
    const std::lock_guard lock(mutex_);
    for (; count > 0 && !seats_.empty(); --count) {
        auto& last = seats_.back();
        std::string goodbye;
        append_masked(goodbye, ws_opcode::close, "\x03\xe8", mask);
        if (last.in) ::send(last.socket, goodbye.data(), goodbye.size(), MSG_NOSIGNAL);
        close(last);
        if (last.informed) --informed_;
        seats_.pop_back();
    }
}

void gathering::await_final(std::string_view poll, clock::time_point closed) {
    const std::lock_guard lock(mutex_);
    awaited_ = poll;
    closed_ = closed;
    informed_ = 0;
    for (auto& each : seats_) each.informed = false;
}

std::size_t gathering::size() {
    const std::lock_guard lock(mutex_);
    return seats_.size();
}

std::size_t gathering::watching() {
    const std::lock_guard lock(mutex_);
    return watching_;
}

std::size_t gathering::informed() {
    const std::lock_guard lock(mutex_);
    return informed_;
}

gathering_figures gathering::take_figures() {
    const std::lock_guard lock(mutex_);
    return std::exchange(figures_, {});
}

}  // namespace tallycast::load
