#pragma once
// What a reply means for the call it belongs to: the table of what Redis says and what is done
// about it. Pure.
//
//   MOVED slot address    the slot lives there now: go there, and ask for the whole map again
//   ASK slot address      this once there, after ASKING; the map stays
//   TRYAGAIN              keys are on their way: soon again
//   CLUSTERDOWN LOADING MASTERDOWN READONLY NOREPLICAS MISCONF BUSY OOM    wait it out
//   ERR Function not found    load the library, then all of the call again
//   NOAUTH WRONGPASS NOPERM, ERR The user executing the script can't...
//                         nothing a repetition would mend
//   any other error           the caller's own

#include "reply.hpp"
#include "slot.hpp"

#include <tallycast/redis/deployment.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tallycast::redis {

struct verdict {
    enum class kind : std::uint8_t {
        done = 1,
        moved,
        ask,
        try_again,
        wait_out,
        library_missing,
        refused
    };

    kind what = kind::done;
    slot at = 0;               // moved, ask
    endpoint target;           // moved, ask
    std::string words;         // the error itself; for all but done
    bool demoted = false;      // READONLY: what was a primary is none any more
    bool nothing_done = true;  // no command of the call was carried out
};

// By the first reply that is an error. `from` is where it came from: Redis leaves the host out
// where it does not know its own.
verdict judge(const replies& got, const endpoint& from);

// host:port as Redis writes it, where an IPv6 host has no brackets and a missing host means `from`.
std::optional<endpoint> read_redis_address(std::string_view text, const endpoint& from);

}  // namespace tallycast::redis
