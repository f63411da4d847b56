#pragma once
// The way to Redis of one executor: finds the primaries, keeps a link to each, follows
// redirections, waits out what passes, and refuses when too much is waiting. Lone servers, Sentinel
// and clusters look the same from here; a lone server owns every slot.
//
// One thread, nothing shared, no locks: made, used and destroyed on its executor's thread, before
// the executor's context.

#include "call_result.hpp"
#include "client_options.hpp"
#include "command.hpp"
#include "greeter.hpp"
#include "slot.hpp"

#include <tallycast/ports/log.hpp>
#include <tallycast/ports/meter.hpp>
#include <tallycast/redis/deployment.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tallycast::redis {

class client_core;

// Which replicas a write waits for.
enum class waiting : std::uint8_t {
    for_who_keeps_up = 1,  // in vain: it counts all the same, and the next does not wait
    for_who_is_there,      // in vain: it does not count
    always                 // the same, also where no replica is attached
};

// How many servers must have a write before it counts.
struct copies {
    int replicas = 0;
    waiting who = waiting::for_who_keeps_up;
    std::chrono::milliseconds within{400};  // below client_options::answer_time
};

// A write that was answered.
struct written {
    replies got;
    // The history it was written to and an offset at or past it; empty where nobody asked.
    std::string replid;
    std::int64_t offset = 0;
    bool kept = true;  // by as many as it must be
};

class client {
public:
    // `library`: the Lua text for FUNCTION LOAD REPLACE, sent where a function is missing; may be
    // empty. `first_words`, meter and log outlive the client.
    client(boost::asio::any_io_executor executor, deployment where, client_options options,
           std::string library, ports::meter& meter, ports::log& log,
           greeter* first_words = nullptr);
    ~client();
    client(const client&) = delete;
    client& operator=(const client&) = delete;

    void start();
    // All calls end with `stopped`, now and later. Also done by the destructor.
    void stop();

    // All commands go over one connection to the slot's primary, one after the other; as many
    // replies come back. An error reply is a reply, except that the first of a call decides whether
    // the call is sent elsewhere, held or sent again (verdict.hpp): then ALL its commands are, so
    // each must bear repetition. `unknown` is never repeated here.
    //
    // Held until `deadline` from now: with no primary to send to, and what is waited out. Then
    // `unavailable`, or `unknown` if a command of it may have been carried out.
    boost::asio::awaitable<call_result<replies>> call(slot at, pipeline what,
                                                      std::chrono::milliseconds deadline);

    // The same for writes, which are to be kept by replicas, too. `position`: where in the history
    // of its primary the write stands is asked for. Whether replicas are waited for is decided when
    // it is sent: where none keeps up (following.hpp) it would hold up all behind it in vain.
    boost::asio::awaitable<call_result<written>> write(slot at, pipeline what,
                                                       std::chrono::milliseconds deadline,
                                                       copies wanted, bool position = false);

    // Reads that may be a little old: from a replica where options.read_replicas keeps links to
    // them and one is ready, else from the primary.
    boost::asio::awaitable<call_result<replies>> call_replica(slot at, pipeline what,
                                                              std::chrono::milliseconds deadline);

    // Some primary can be called, and credentials are right. No more, so that one lost shard of a
    // cluster does not take the whole node out of service.
    bool ready() const;
    // No majority of the Sentinels (or of a cluster's primaries) was heard for options.fence_after:
    // calls fail `unavailable` at once, and those under way end `unknown`. Also before the first,
    // when calls are held. Never for a lone server.
    bool fenced() const;
    // Those with a link in use.
    std::vector<primary> primaries() const;
    // How many share the slots, whether they can be reached or not.
    std::size_t primary_count() const;
    // Why something is not ready; empty when all is well. Wrong credentials are named here.
    std::string last_error() const;

private:
    std::shared_ptr<client_core> core_;
};

}  // namespace tallycast::redis
