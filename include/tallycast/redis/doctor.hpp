#pragma once
// What `tallycast doctor` says of Redis: every server of the deployment is asked about itself, and
// what would hurt is named with its remedy. Changes nothing there.

#include <tallycast/ports/clock.hpp>
#include <tallycast/redis/store.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace tallycast::redis {

// A problem: a node would not start, or would lose what it promises.
enum class finding_severity : std::uint8_t { advice = 1, warning, problem };

struct finding {
    finding_severity severity = finding_severity::advice;
    std::string what;  // begins with the servers it was seen at
    std::string fix;
    friend bool operator==(const finding&, const finding&) = default;
};

// Problems first. Blocks the caller, for a few seconds where servers do not answer.
std::vector<finding> examine(const store_options& options, const ports::clock& clock);

}  // namespace tallycast::redis
