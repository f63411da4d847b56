#pragma once
// What a primary says of itself: whether it can be used at all, and which level
// of durability it can keep. Pure.

#include "client.hpp"

#include <tallycast/base/error.hpp>
#include <tallycast/redis/store.hpp>

namespace tallycast::redis {

struct server_facts {
    copies kept_by;  // what is written must reach so many before it is answered
};

// What is asked, all of the same server. Its settings only where the level rests on them: not every
// user may look at them.
pipeline questions_to_server(durability wanted);

// From the answers in that order. store_unavailable and why, for the operator, when the
// server is too old, may throw keys away, or cannot keep the level that was asked for.
base::result<server_facts> facts_of(const replies& answers, durability wanted);

}  // namespace tallycast::redis
