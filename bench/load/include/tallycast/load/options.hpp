#pragma once
// What `tallycast bench` was asked to do.

#include <tallycast/load/schedule.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace tallycast::load {

enum class transport { http, websocket };

struct target_address {
    std::string host;  // without brackets
    std::string port;
    std::string authority() const;  // as the Host field wants it
};

// Accepts http://host:port, with or without a final slash. Nothing else: no TLS, no path.
std::optional<target_address> parse_target(const std::string& text);

// What every mode is told.
struct common_options {
    std::vector<target_address> targets;  // at least one; connections are spread over them
    std::string host_key;
    std::chrono::seconds timeout{300};
    std::uint64_t seed = 0;
    std::string json_file;
    std::string compare_file;  // an earlier report of the same mode
    bool own_target = false;   // the caller says that a target off this machine is theirs
};

// Of `votes`, the mode without a name.
struct options : common_options {
    std::uint32_t voters = 50'000;
    double repeat = 0.2;  // share of the ballots that are sent a second time
    double change = 0.0;  // share of the voters who vote once more for something else
    std::uint32_t connections = 64;
    std::uint32_t threads = 1;
    std::uint32_t choices = 4;
    load::transport transport = load::transport::http;
    std::optional<schedule> open_loop;  // none: as fast as the answers come
    bool tolerate_lag = false;          // a run whose own client was late counts all the same
    std::chrono::milliseconds answer_timeout{10'000};
    std::chrono::seconds settle{0};  // between the last answer and the comparison
    std::string svg_file;            // the course of the run as a picture
    std::string book_file;           // every ballot and what it was told, as CSV
    std::string prepare_file;        // join the voters, write their requests here, stop
    std::string replay_file;         // send the requests of this file once each, check nothing else
    bool delete_event = false;
};

struct early_exit {
    int code = 0;
};

// Prints help or every complaint itself. Unusable options give exit code 2.
std::variant<options, early_exit> parse_options(const std::vector<std::string>& args);

}  // namespace tallycast::load
