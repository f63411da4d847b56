#pragma once
// The host's side of a run: one request at a time, blocking, repeated until the node answers or the
// time is over, because a node may be down just then; each time it asks the next one. Throws
// host_error when it gives up.

#include <tallycast/load/options.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

namespace tallycast::load {

struct host_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct staged_poll {
    std::string event;
    std::string code;
    std::string poll;
    std::vector<std::string> option_ids;
};

class host_client {
public:
    // nodes: at least one.
    host_client(std::vector<boost::asio::ip::tcp::endpoint> nodes, std::string authority,
                std::string host_key, std::chrono::seconds patience);

    // An event with one open single-choice poll; or an event, and one by one its polls.
    staged_poll stage(std::uint32_t choices, bool allow_change, const std::string& title);
    staged_poll make_event(const std::string& title);
    void open_poll(staged_poll& in, std::uint32_t choices, bool allow_change);
    void close_poll(const std::string& poll);
    // Asks until the results are final or the patience is over; the last ones either way.
    nlohmann::json final_results(const std::string& poll);
    nlohmann::json ledger(const std::string& poll);
    std::string export_csv(const std::string& poll);
    void delete_poll(const std::string& poll);
    void delete_event(const std::string& event);

private:
    struct reply {
        int status = 0;
        std::string body;
    };
    reply attempt(const std::string& method, const std::string& target, const std::string& body);
    std::string insist(const std::string& method, const std::string& target,
                       const nlohmann::json& body = {});
    nlohmann::json insist_json(const std::string& method, const std::string& target,
                               const nlohmann::json& body = {});

    std::vector<boost::asio::ip::tcp::endpoint> nodes_;
    std::size_t at_ = 0;  // the node asked last
    std::string authority_;
    std::string host_key_;
    std::chrono::seconds patience_;
};

}  // namespace tallycast::load
