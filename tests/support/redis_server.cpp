#include <support/redis_server.hpp>

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <fstream>
#include <random>
#include <stdexcept>
#include <thread>
#include <utility>

namespace tallycast::test {

namespace {

using namespace std::chrono_literals;

constexpr auto start_time = 20s;
constexpr auto stop_time = 10s;
constexpr auto look_every = 10ms;

// Ends with the test that started it, even one that was killed.
pid_t run(const std::vector<std::string>& words, int output,
          const std::vector<std::string>& environment = {}) {
    std::vector<char*> argv;
    for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    const auto parent = ::getpid();
    const auto child = ::fork();
    if (child < 0) throw std::runtime_error("no process");
    if (child > 0) return child;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    for (const auto& one : environment) ::putenv(const_cast<char*>(one.c_str()));
    ::execvp(argv[0], argv.data());
    ::_exit(127);
}

class descriptor {
public:
    explicit descriptor(int fd) : fd_(fd) {
        if (fd < 0) throw std::runtime_error("no descriptor");
    }
    ~descriptor() { ::close(fd_); }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    int get() const { return fd_; }

private:
    int fd_;
};

}  // namespace

// Below the ports of outgoing connections: whoever calls a dead server again and again would sooner
// or later be given the server's own port, and keep it from starting again.
std::uint16_t free_port() {
    std::random_device entropy;
    std::uniform_int_distribution<std::uint16_t> ports(10'000, 32'000);
    for (int attempt = 0; attempt < 1000; ++attempt) {
        const descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const auto port = ports(entropy);
        at.sin_port = htons(port);
        if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&at), sizeof at) == 0) return port;
    }
    throw std::runtime_error("no free port");
}

redis_server::redis_server(std::vector<std::string> arguments, std::uint16_t port,
                           std::vector<std::string> way_in, std::vector<std::string> environment)
    : port_(port ? port : free_port()),
      way_in_(std::move(way_in)),
      environment_(std::move(environment)) {
    // jemalloc's thread waits by the calendar: where a test has set it back, it never sleeps.
    words_ = {"redis-server",
              "--port",
              std::to_string(port_),
              "--bind",
              "127.0.0.1",
              "--dir",
              folder_.path(),
              "--save",
              "",
              "--appendonly",
              "no",
              "--jemalloc-bg-thread",
              "no"};
    words_.insert(words_.end(), arguments.begin(), arguments.end());
    start();
}

redis_server::redis_server(sentinel settings) : port_(free_port()) {
    const auto file = folder_.path() + "/sentinel.conf";
    std::ofstream(file) << "port " << port_ << "\nbind 127.0.0.1\ndir " << folder_.path() << '\n'
                        << settings.lines;
    words_ = {"redis-server", file, "--sentinel"};
    start();
}

redis_server::~redis_server() { kill(); }

void redis_server::start() {
    const descriptor log(::open((folder_.path() + "/server.log").c_str(),
                                O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    pid_ = run(words_, log.get(), environment_);
    wait_until_it_answers();
}

void redis_server::wait_until_it_answers() const {
    const auto until = std::chrono::steady_clock::now() + start_time;
    while (say({"PING"}) != "PONG") {
        if (std::chrono::steady_clock::now() > until || ::waitpid(pid_, nullptr, WNOHANG) != 0)
            throw std::runtime_error("redis-server does not answer; its log is in " +
                                     folder_.path());
        std::this_thread::sleep_for(look_every);
    }
}

void redis_server::wait_until_said(const std::vector<std::string>& command,
                                   const std::string& words, int times) const {
    const auto until = std::chrono::steady_clock::now() + start_time;
    for (;;) {
        const auto text = say(command);
        int found = 0;
        for (auto at = text.find(words); at != text.npos; at = text.find(words, at + 1)) ++found;
        if (found >= times) return;
        if (std::chrono::steady_clock::now() > until)
            throw std::runtime_error("waited in vain for " + words + " in: " + text);
        std::this_thread::sleep_for(look_every);
    }
}

void redis_server::end(int signal) {
    if (pid_ < 0) return;
    ::kill(pid_, SIGCONT);
    ::kill(pid_, signal);
    const auto until = std::chrono::steady_clock::now() + stop_time;
    while (::waitpid(pid_, nullptr, WNOHANG) == 0) {
        if (std::chrono::steady_clock::now() > until) ::kill(pid_, SIGKILL);
        std::this_thread::sleep_for(look_every);
    }
    pid_ = -1;
}

void redis_server::stop() { end(SIGTERM); }
void redis_server::kill() { end(SIGKILL); }
void redis_server::freeze() { ::kill(pid_, SIGSTOP); }
void redis_server::thaw() { ::kill(pid_, SIGCONT); }

std::string redis_server::say(const std::vector<std::string>& words) const {
    std::vector<std::string> all{"timeout",           "10", "redis-cli",
                                 "--no-auth-warning", "-p", std::to_string(port_)};
    all.insert(all.end(), way_in_.begin(), way_in_.end());
    all.insert(all.end(), words.begin(), words.end());
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    const descriptor from(ends[0]);
    pid_t child = -1;
    {
        const descriptor to(ends[1]);
        child = run(all, to.get());
    }
    std::string said;
    std::array<char, 4096> part;
    for (ssize_t size; (size = ::read(from.get(), part.data(), part.size())) > 0;)
        said.append(part.data(), static_cast<std::size_t>(size));
    ::waitpid(child, nullptr, 0);
    while (said.ends_with('\n')) said.pop_back();
    return said;
}

}  // namespace tallycast::test
