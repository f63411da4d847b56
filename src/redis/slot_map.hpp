#pragma once
// Which primary holds which slot. A lone server, or a primary behind Sentinels, is a map with one
// owner of everything. Pure.

#include "reply.hpp"
#include "slot.hpp"

#include <tallycast/redis/deployment.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tallycast::redis {

class slot_map {
public:
    slot_map() : owner_(slot_count, nobody) {}
    static slot_map of_one(endpoint primary, std::vector<endpoint> replicas = {});

    const endpoint* owner_of(slot at) const;
    const std::vector<endpoint>& replicas_of(const endpoint& primary) const;
    std::vector<endpoint> primaries() const;  // that own a slot
    std::vector<slot_range> ranges_of(const endpoint& primary) const;
    bool owns_any(const endpoint& primary) const;
    bool empty() const { return primaries().empty(); }

    void assign(slot_range slots, const endpoint& primary);
    void set_replicas(const endpoint& primary, std::vector<endpoint> replicas);

    bool operator==(const slot_map&) const = default;

private:
    static constexpr std::uint16_t nobody = 0xFFFF;
    std::uint16_t number_of(const endpoint& primary) const;  // nobody, if it has none

    std::vector<std::uint16_t> owner_;  // of each slot, by its number in known_
    std::vector<endpoint> known_;
    std::map<endpoint, std::vector<endpoint>> replicas_;
};

// One node's view of its cluster: CLUSTER SLOTS, with the config epochs of CLUSTER NODES.
struct cluster_view {
    struct shard {
        slot_range slots;
        endpoint primary;
        std::vector<endpoint> replicas;
        std::uint64_t epoch = 0;
    };
    std::vector<shard> shards;
};

// Nothing when one of them is no such answer. `from` stands in for a host the node does not know.
std::optional<cluster_view> read_cluster_view(const reply& slots, const reply& nodes,
                                              const endpoint& from);

// Of several claims to a slot the one with the highest epoch holds, which is how the cluster itself
// decides; at a draw the owner in `before` stays.
slot_map merged(const std::vector<cluster_view>& views, const slot_map& before);

// Whether `primary`, which owned slots before and none in `now`, was replaced (a failover: what it
// says no longer counts) rather than emptied by moving its slots to other primaries.
bool was_replaced(const endpoint& primary, const slot_map& before, const slot_map& now);

}  // namespace tallycast::redis
