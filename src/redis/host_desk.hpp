#pragma once
// Tenants, keys, events and polls are changed here: read from the registry, decided by the domain,
// written if nothing of it has changed meanwhile, and tried again if it has. A step of a poll is
// finished when each of its slices has it. Lives on the house's executor; one thread.

#include "announcer.hpp"
#include "catalog_write.hpp"
#include "client.hpp"
#include "follower.hpp"
#include "registry.hpp"
#include "slice_desk.hpp"

#include <tallycast/ports/poll_store.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace tallycast::redis {

class host_desk {
public:
    // slices: of polls that are added from now on; 0: one a primary. kept_by: what a write must
    // reach before it counts. unfinished: told of a poll whose slices may not have it as it is; it
    // is to be placed again.
    host_desk(client& redis, registry& known, follower& catalog, slice_desk& slices,
              announcer& feed, std::uint16_t slice_count, const copies& kept_by,
              std::function<void(const base::poll_id&)> unfinished)
        : redis_(redis),
          known_(known),
          catalog_(catalog),
          slices_(slices),
          feed_(feed),
          slice_count_(slice_count),
          kept_by_(kept_by),
          unfinished_(std::move(unfinished)) {}

    // As ports::poll_store says.
    ports::answer<domain::event> add_event(domain::event event);
    ports::answer<domain::event> change_event(base::event_id event, domain::event_patch patch);
    ports::answer<void> remove_event(base::event_id event);
    ports::answer<domain::poll> add_poll(domain::poll poll);
    ports::answer<domain::poll> change_poll(base::poll_id poll, domain::poll_patch patch);
    ports::answer<void> remove_poll(base::poll_id poll);
    ports::answer<domain::poll> move_poll(base::poll_id poll, domain::transition what,
                                          std::optional<base::milliseconds> duration);
    ports::answer<ports::number_block> take_numbers(base::event_id event, std::uint64_t count);
    ports::answer<domain::tenant> add_tenant(domain::tenant tenant);
    ports::answer<domain::tenant> change_tenant(base::tenant_id tenant, domain::tenant_patch patch);
    ports::answer<void> remove_tenant(base::tenant_id tenant);
    ports::answer<domain::host_key> add_key(domain::host_key key);
    ports::answer<void> remove_key(base::tenant_id tenant, base::key_id key);
    ports::answer<domain::flag> set_flag(domain::flag flag);
    ports::answer<std::string> secret();

    // Writes down what has become due: polls that open or close by themselves.
    boost::asio::awaitable<base::result<void>> move_due();
    // Removes what is left of polls that were removed some time ago: a node may have died over it,
    // a server been away, something come late.
    boost::asio::awaitable<void> sweep_dropped();
    // A slice turned out not to have the poll as it is, or to hold its ballots although nobody
    // seems to change it any more.
    boost::asio::awaitable<base::result<void>> place_again(base::poll_id poll);

private:
    // A write of the catalog, kept or, after some asking, not.
    boost::asio::awaitable<call_result<written>> write_and_wait(pipeline what);
    // How `define` answered: written, or which check failed, and then all that was changed
    // meanwhile is known.
    struct write_answer {
        bool written = false;
        std::int64_t failed_check = 0;
    };
    ports::answer<write_answer> write(catalog_write what);

    // What is to be written so that `outcome` is true; without anything it is true already.
    template <class T>
    struct plan {
        T outcome;
        std::optional<catalog_write> what = {};
        base::failure over_limit = {};  // why not, when the check of a limit fails
    };
    // From the registry as it is at that moment, without waiting for anything.
    template <class T>
    using planner = std::function<base::result<plan<T>>()>;
    // Plans again whenever another node was faster.
    template <class T>
    ports::answer<T> carried_out(planner<T> decide);
    // The same for what plans with the slices, too: nothing when another node was faster.
    using attempt = std::function<ports::answer<std::optional<domain::poll>>()>;
    static ports::answer<domain::poll> tried_until_done(attempt once);

    // What goes with rows that are removed.
    struct doomed {
        std::vector<std::shared_ptr<const domain::poll>> polls;
        std::vector<base::event_id> events;
    };
    ports::answer<void> removed(planner<doomed> decide);

    // What is written of a poll and where its slices stand then; nothing when another node was
    // faster.
    ports::answer<std::optional<domain::poll>> settle(kept_poll before, domain::poll after,
                                                      bool new_meaning);
    // All slices have the poll, and the feed what they said. held: one of them holds its ballots.
    struct placement {
        bool held = false;
    };
    ports::answer<placement> placed(kept_poll poll);
    // Whether there are votes in a slice; otherwise none comes until a later revision is placed.
    ports::answer<bool> held_without_votes(kept_poll poll);
    ports::answer<bool> had_votes(std::shared_ptr<const domain::poll> poll);
    ports::answer<std::optional<domain::poll>> change_once(base::poll_id id,
                                                           domain::poll_patch patch);
    ports::answer<std::optional<domain::poll>> move_once(
        base::poll_id id, domain::transition what, std::optional<base::milliseconds> duration);
    base::result<plan<domain::event>> with_event(const domain::event& event) const;
    base::result<plan<domain::event>> with_changed_event(const base::event_id& id,
                                                         const domain::event_patch& patch) const;
    base::result<plan<kept_poll>> with_poll(const domain::poll& poll) const;
    base::result<plan<doomed>> without_tenant(const base::tenant_id& id) const;
    base::result<plan<domain::host_key>> with_key(const domain::host_key& key) const;

    // Every key of polls whose rows are gone, as far as servers answer now.
    boost::asio::awaitable<void> sweep(std::vector<std::shared_ptr<const domain::poll>> polls);
    ports::answer<std::vector<dropped_poll>> dropped_polls();
    void remove_poll_rows(catalog_write& what, const kept_poll& poll, doomed& gone) const;
    void remove_event_rows(catalog_write& what, const kept_event& event, doomed& gone) const;

    client& redis_;
    registry& known_;
    follower& catalog_;
    slice_desk& slices_;
    announcer& feed_;
    std::uint16_t slice_count_;
    copies kept_by_;
    std::function<void(const base::poll_id&)> unfinished_;
    // The last voter number given to this node, by event.
    std::unordered_map<base::event_id, std::uint64_t> highest_number_;
};

// Against other nodes that change the same.
inline constexpr int most_attempts = 8;
base::failure contended();

template <class T>
ports::answer<T> host_desk::carried_out(planner<T> decide) {
    for (int attempts = 0; attempts < most_attempts; ++attempts) {
        const auto fresh = co_await catalog_.catch_up();
        if (!fresh) co_return fresh.error();
        auto next = decide();
        if (!next) co_return next.error();
        if (!next->what) co_return std::move(next->outcome);
        auto work = write(*next->what);
        const auto done = co_await std::move(work);
        if (!done) co_return done.error();
        if (done->written) co_return std::move(next->outcome);
        if (next->what->is_limit(done->failed_check)) co_return next->over_limit;
    }
    co_return contended();
}

}  // namespace tallycast::redis
