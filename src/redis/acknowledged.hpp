#pragma once
// The groups this node has acknowledged in the last seconds, kept so that they can be applied again
// when a primary was replaced by a server that may not have had them all. Applying again is
// harmless where it was not needed: it never moves a count twice.
//
// Bounded in time and in bytes. Pure; one thread.

#include "greeter.hpp"
#include "place.hpp"
#include "sheet_form.hpp"

#include <tallycast/base/time.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace tallycast::redis {

// One group at one slice: enough for the function `again`.
struct acknowledged_group {
    base::poll_id poll;
    slice_keys keys;
    sheet_form form;
    base::wall_time at{};  // the store's clock when it was decided
    std::string actions;   // vote_pack.hpp
    std::string replid;    // the history it was written to, and an offset at or past it
    std::int64_t offset = 0;
    base::mono_time kept_since{};
    std::uint64_t serial = 0;  // given by keep()
    std::size_t weight = 0;    // bytes, given by keep()
};

// Whether what was written to `replid` up to `offset` is certainly in the history of this primary.
bool holds(const primary& who, const std::string& replid, std::int64_t offset);
bool owns(const primary& who, slot at);

class acknowledged {
public:
    // window: longer than a replica may lag, plus the time a failover takes. A group goes when its
    // history was heard of that much later still: while nobody is heard, none of it grows old.
    // Past most_bytes the oldest are dropped; dropped() tells how many were too young to go.
    explicit acknowledged(std::chrono::milliseconds window = std::chrono::seconds{20},
                          std::size_t most_bytes = 64 * 1024 * 1024)
        : window_(window), most_bytes_(most_bytes) {}

    void keep(acknowledged_group group, base::mono_time now);
    // A primary of this history answers.
    void heard_of(const std::string& replid, base::mono_time now);

    // Copies of those that this primary owns and may not have, oldest first. What it has is of its
    // history from now on.
    std::vector<acknowledged_group> missing_at(const primary& who);
    // The group is in this history, too, up to this offset.
    void held(std::uint64_t serial, const std::string& replid, std::int64_t offset);

    // Its poll is no more: nobody is given it again.
    void forget(std::uint64_t serial);

    std::size_t size() const noexcept { return groups_.size(); }
    std::size_t bytes() const noexcept { return bytes_; }
    std::uint64_t dropped() const noexcept { return dropped_; }

private:
    acknowledged_group* with_serial(std::uint64_t serial);
    void drop_oldest();
    bool is_old(const acknowledged_group& group, base::mono_time now) const;

    std::chrono::milliseconds window_;
    std::size_t most_bytes_;
    std::deque<acknowledged_group> groups_;
    std::map<std::string, base::mono_time> heard_;  // by history, those of the last hour
    std::size_t bytes_ = 0;
    std::uint64_t dropped_ = 0;
    std::uint64_t next_serial_ = 1;
};

}  // namespace tallycast::redis
