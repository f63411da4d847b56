#pragma once
// The options of `tallycast prewarm`, which are not those of a node.

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace tallycast::config {

// An operations listener, or a name that has the addresses of many.
struct prewarm_target {
    std::string host;
    std::string port;
};

struct prewarm_wishes {
    std::uint32_t expect = 0;  // people at the same time
    std::uint32_t people_a_node = 10'000;
    std::vector<prewarm_target> targets;
    std::chrono::seconds within{300};

    // As docs/operations/before.md says: one more than it takes, so that one may die.
    std::uint32_t nodes() const { return (expect + people_a_node - 1) / people_a_node + 1; }
};

// Says on standard output or error what is to be said of help or mistakes; then the exit code.
std::variant<prewarm_wishes, int> parse_prewarm(const std::vector<std::string>& args);

}  // namespace tallycast::config
