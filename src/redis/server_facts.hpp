#pragma once
// What a primary says of itself when a node starts: whether it can be used at all, and which level
// of durability it can keep. Pure.

#include "command.hpp"
#include "reply.hpp"

#include <tallycast/base/error.hpp>
#include <tallycast/redis/store.hpp>

namespace tallycast::redis {

struct server_facts {
    int replicas = 0;     // a group waits for so many before it is answered
    bool strict = false;  // and is refused where there are none, instead of answered without
};

// What is asked, all of the same server.
pipeline questions_to_server();

// From the answers in that order. store_unavailable with a sentence for the operator when the
// server is too old, may throw keys away, or cannot keep the level that was asked for.
base::result<server_facts> facts_of(const replies& answers, durability wanted);

}  // namespace tallycast::redis
