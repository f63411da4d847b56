#pragma once
// `tallycast prewarm`: capacity before an audience that is expected. It starts no nodes itself, as
// it has no right to: it says what to ask for, and whether that is there.

#include <tallycast/config/prewarm.hpp>

#include <string>

namespace tallycast::server {

// How many nodes, and the ways to ask for them.
std::string prewarm_advice(const config::prewarm_wishes& wishes);

// Waits until as many targets as it takes are ready, and says how many are whenever that changes. A
// node that is ready has joined its store, loaded its functions and knows every event: there is
// nothing left to be warmed. The process's exit code: 0 once they are ready, or none was named.
int prewarm(const config::prewarm_wishes& wishes);

}  // namespace tallycast::server
