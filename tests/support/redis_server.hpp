#pragma once
// A redis-server of the test's own on a free loopback port, with its data in a temporary folder;
// ended by its process id. Everything it waits for has a deadline.

#include <support/temporary_folder.hpp>

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace tallycast::test {

std::uint16_t free_port();

class redis_server {
public:
    // Written into the configuration a Sentinel of its own starts with.
    struct sentinel {
        std::string lines;
    };
    explicit redis_server(sentinel settings);
    // `arguments` come after those for port and folder. `port` 0: any free one. `way_in`: what
    // redis-cli needs besides (a password, TLS). `environment`: NAME=value, for the server alone.
    explicit redis_server(std::vector<std::string> arguments = {}, std::uint16_t port = 0,
                          std::vector<std::string> way_in = {},
                          std::vector<std::string> environment = {});
    ~redis_server();
    redis_server(const redis_server&) = delete;
    redis_server& operator=(const redis_server&) = delete;

    std::uint16_t port() const noexcept { return port_; }
    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    std::string url() const { return "redis://" + address(); }

    void start();  // after stop() or kill(); waits until it answers
    void stop();   // SIGTERM
    void kill();   // SIGKILL
    void freeze();
    void thaw();

    // One command through redis-cli: what it printed, without the newline at the end.
    std::string say(const std::vector<std::string>& words) const;
    // Until what it says to the command has these words so often.
    void wait_until_said(const std::vector<std::string>& command, const std::string& words,
                         int times = 1) const;

private:
    void end(int signal);
    void wait_until_it_answers() const;

    temporary_folder folder_;
    std::uint16_t port_;
    std::vector<std::string> words_;  // to start it
    std::vector<std::string> way_in_;
    std::vector<std::string> environment_;
    pid_t pid_ = -1;
};

}  // namespace tallycast::test
