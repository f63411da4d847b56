#pragma once
// The roll of the nodes: a hash with a field a node. Lives on its client's executor; one thread.
//
//   word = beat " " people      both decimal

#include "client.hpp"

#include <tallycast/ports/poll_store.hpp>
#include <tallycast/ports/roll_call.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tallycast::redis {

inline constexpr std::string_view roll_key = "{tallycast-nodes}";

// The words of an HGETALL; what is none is left out.
std::vector<ports::node_word> words_in(const reply& roll);

class roll_desk {
public:
    explicit roll_desk(client& redis) : redis_(redis) {}

    // As ports::roll_call says.
    ports::answer<std::vector<ports::node_word>> call_roll(std::optional<ports::node_word> own,
                                                           std::vector<std::string> strike);

private:
    client& redis_;
};

}  // namespace tallycast::redis
