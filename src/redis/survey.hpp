#pragma once
// What the servers of a deployment say of themselves, each asked once. survey_of() asks and judges
// nothing; diagnosis.hpp judges.

#include "dial.hpp"

#include <tallycast/base/time.hpp>
#include <tallycast/ports/clock.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tallycast::redis {

using named_texts = std::map<std::string, std::string, std::less<>>;

// The functions of this build at a server.
enum class library_state : std::uint8_t { missing = 1, same, other, hidden };

struct server_report {
    endpoint at;
    endpoint follows;      // its primary; itself, if it is one
    std::string trouble;   // why it did not answer; then nothing below is known
    std::string info;      // INFO
    named_texts settings;  // CONFIG GET; empty where that is forbidden
    library_state library = library_state::hidden;
    base::milliseconds ahead{0};        // its clock, of this machine's,
    base::milliseconds uncertainty{0};  // give or take

    bool is_primary() const { return at == follows; }
};

struct sentinel_report {
    endpoint at;
    std::string trouble;
    named_texts primary;  // SENTINEL MASTER
};

struct survey {
    topology_kind kind = topology_kind::standalone;
    std::vector<sentinel_report> sentinels;
    std::vector<server_report> servers;
    std::string trouble;  // why the servers could not be found
};

boost::asio::awaitable<survey> survey_of(dialling how, deployment where, const ports::clock& clock);

}  // namespace tallycast::redis
