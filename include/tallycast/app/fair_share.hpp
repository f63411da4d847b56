#pragma once
// Whether a node has more of the people than its part, and how many of them it sends to the others.
// Every node decides for itself by what all of them say (ports::roll_call), and nobody leads: it
// gives away at most what it has above the mean, so all together give no more than there is to even
// out. Slow on purpose: it begins when the difference has lasted, moves small groups with pauses,
// and waits longer and longer where that is in vain, because what stands in front brings the people
// back to where they were. No I/O, no clock; one thread.

#include <tallycast/base/time.hpp>
#include <tallycast/ports/roll_call.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tallycast::app {

struct evening_rules {
    double begin_above = 1.25;  // of the mean
    double end_below = 1.05;
    std::uint64_t least_people = 200;  // a node with so many or fewer keeps them
    double group = 0.1;                // of its people, at most
    std::chrono::seconds patience{10};
    std::chrono::seconds pause{5};  // from group to group
    std::chrono::seconds longest_pause{600};
    std::chrono::seconds silence{5};     // after which a node is not there any more
    std::chrono::seconds forgotten{60};  // after which its word is struck
};

class fair_share {
public:
    explicit fair_share(std::string own_name, const evening_rules& rules = {})
        : own_name_(std::move(own_name)), rules_(rules) {}

    struct advice {
        std::uint64_t send_away = 0;
        double share = 0;  // own people, of the mean of all nodes; 0: nobody else is there
        std::vector<std::string> strike;  // words of nodes that are long gone
    };
    // Told about once a second what every node has said last.
    advice hear(base::mono_time now, const std::vector<ports::node_word>& words);
    // The store did not say: whoever is above the mean has to be so for its time again.
    void hear_nothing() { rest(); }

private:
    struct known {
        std::uint64_t beat = 0;
        base::mono_time since{};  // when it came or changed last
        bool alive = false;       // it has changed, so somebody is behind it
    };
    struct sum_of_all {
        std::uint64_t own = 0, people = 0, nodes = 0;
    };
    sum_of_all take_in(base::mono_time now, const std::vector<ports::node_word>& words);
    std::vector<std::string> long_gone(base::mono_time now);
    std::uint64_t group_of(base::mono_time now, std::uint64_t own, double mean);
    void rest();

    const std::string own_name_;
    const evening_rules rules_;
    std::unordered_map<std::string, known> nodes_;
    std::optional<base::mono_time> above_since_;
    bool evening_ = false;
    base::mono_time next_group_{};
    std::chrono::seconds pause_{};
    std::uint64_t last_group_ = 0;
    std::uint64_t own_before_ = 0;  // before the last group went
};

}  // namespace tallycast::app
