#pragma once
// Tenants, keys, events, polls and flags. Writes are atomic and durable when they answer; reads see
// every write that has answered. Threads and lifetime as in vote_store.hpp.
//
// Failures common to all: store_unavailable, overloaded, shutting_down.

#include <tallycast/base/error.hpp>
#include <tallycast/base/id.hpp>
#include <tallycast/domain/event.hpp>
#include <tallycast/domain/flag.hpp>
#include <tallycast/domain/lifecycle.hpp>
#include <tallycast/domain/patch.hpp>
#include <tallycast/domain/poll.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tallycast::ports {

template <class T>
using answer = boost::asio::awaitable<base::result<T>>;

// A run of voter numbers that nobody else will ever get: first, first + 1, ... (count of them).
struct number_block {
    std::uint64_t first = 0;
    std::uint64_t count = 0;
};

using domain::event_patch;
using domain::poll_patch;
using domain::tenant_patch;

class poll_store {
public:
    virtual ~poll_store() = default;

    // Ids, codes and created_at are made by the caller. code_taken when a live event has the code;
    // quota_exceeded, tenant_not_found.
    virtual answer<domain::event> add_event(domain::event event) = 0;
    // domain::patched, and code_taken as above.
    virtual answer<domain::event> change_event(base::event_id event, event_patch patch) = 0;
    // Deletes its polls and votes too. Repeated: event_not_found.
    virtual answer<void> remove_event(base::event_id event) = 0;

    virtual answer<domain::poll> add_poll(domain::poll poll) = 0;
    // domain::patched, decided against the same state as the votes; poll_has_votes,
    // invalid_request.
    virtual answer<domain::poll> change_poll(base::poll_id poll, poll_patch patch) = 0;
    virtual answer<void> remove_poll(base::poll_id poll) = 0;
    // One step of domain::step, decided against the same state as the votes: ballots decided before
    // it count, ballots after it see the new status. Repeating is harmless. A reset starts the next
    // round.
    virtual answer<domain::poll> move_poll(base::poll_id poll, domain::transition what,
                                           std::optional<base::milliseconds> duration) = 0;

    // A block for the event's joins. event_not_found, quota_exceeded.
    virtual answer<number_block> take_numbers(base::event_id event, std::uint64_t count) = 0;

    virtual answer<domain::tenant> add_tenant(domain::tenant tenant) = 0;
    virtual answer<domain::tenant> change_tenant(base::tenant_id tenant, tenant_patch patch) = 0;
    // Deletes its keys, events, polls and votes too.
    virtual answer<void> remove_tenant(base::tenant_id tenant) = 0;
    // Adding the same hash again is harmless and answers the key there is.
    virtual answer<domain::host_key> add_key(domain::host_key key) = 0;
    virtual answer<void> remove_key(base::tenant_id tenant, base::key_id key) = 0;

    // The newest that was written counts. The caller has checked the value.
    virtual answer<domain::flag> set_flag(domain::flag flag) = 0;

    // Returns when all that was written, through any node, before the call has been told to the
    // listener, and says whether some of it may be news to who asks. For when something turns out
    // not to be known here: then it is worth a second look.
    virtual answer<bool> catch_up() = 0;

    // 32 random bytes made once, when the store is made, and the same for every node of it:
    // receipts and, where none are configured, token keys are derived from it.
    virtual answer<std::string> secret() = 0;
};

}  // namespace tallycast::ports
