#include "slot_map.hpp"

#include <algorithm>
#include <charconv>

namespace tallycast::redis {

slot_map slot_map::of_one(endpoint primary, std::vector<endpoint> replicas) {
    slot_map map;
    map.assign({0, slot_count - 1}, primary);
    map.set_replicas(primary, std::move(replicas));
    return map;
}

std::uint16_t slot_map::number_of(const endpoint& primary) const {
    const auto found = std::find(known_.begin(), known_.end(), primary);
    return found == known_.end() ? nobody : static_cast<std::uint16_t>(found - known_.begin());
}

const endpoint* slot_map::owner_of(slot at) const {
    const auto number = owner_[at % slot_count];
    return number == nobody ? nullptr : &known_[number];
}

const std::vector<endpoint>& slot_map::replicas_of(const endpoint& primary) const {
    static const std::vector<endpoint> none;
    const auto found = replicas_.find(primary);
    return found == replicas_.end() ? none : found->second;
}

std::vector<endpoint> slot_map::primaries() const {
    std::vector<bool> owning(known_.size());
    for (const auto number : owner_)
        if (number != nobody) owning[number] = true;
    std::vector<endpoint> found;
    for (std::size_t i = 0; i < known_.size(); ++i)
        if (owning[i]) found.push_back(known_[i]);
    return found;
}

std::vector<slot_range> slot_map::ranges_of(const endpoint& primary) const {
    std::vector<slot_range> found;
    const auto number = number_of(primary);
    if (number == nobody) return found;
    for (std::size_t at = 0; at < slot_count; ++at) {
        if (owner_[at] != number) continue;
        if (at > 0 && owner_[at - 1] == number) found.back().second = static_cast<slot>(at);
        else found.emplace_back(static_cast<slot>(at), static_cast<slot>(at));
    }
    return found;
}

bool slot_map::owns_any(const endpoint& primary) const {
    const auto number = number_of(primary);
    return number != nobody && std::find(owner_.begin(), owner_.end(), number) != owner_.end();
}

void slot_map::assign(slot_range slots, const endpoint& primary) {
    auto number = number_of(primary);
    if (number == nobody) {
        number = static_cast<std::uint16_t>(known_.size());
        known_.push_back(primary);
    }
    for (std::size_t at = slots.first; at <= slots.second && at < slot_count; ++at)
        owner_[at] = number;
}

void slot_map::set_replicas(const endpoint& primary, std::vector<endpoint> replicas) {
    replicas_[primary] = std::move(replicas);
}

slot_map merged(const std::vector<cluster_view>& views, const slot_map& before) {
    std::vector<const cluster_view::shard*> holder(slot_count);
    for (const auto& view : views) {
        for (const auto& claim : view.shards) {
            for (std::size_t at = claim.slots.first; at <= claim.slots.second; ++at) {
                const auto*& held = holder[at];
                const auto* owner = before.owner_of(static_cast<slot>(at));
                if (!held || claim.epoch > held->epoch ||
                    (claim.epoch == held->epoch && owner && *owner == claim.primary))
                    held = &claim;
            }
        }
    }
    slot_map map;
    for (std::size_t at = 0; at < slot_count;) {
        std::size_t end = at + 1;
        while (end < slot_count && holder[end] == holder[at]) ++end;
        if (holder[at]) {
            map.assign({static_cast<slot>(at), static_cast<slot>(end - 1)}, holder[at]->primary);
            map.set_replicas(holder[at]->primary, holder[at]->replicas);
        }
        at = end;
    }
    return map;
}

bool was_replaced(const endpoint& primary, const slot_map& before, const slot_map& now) {
    for (const auto& [first, last] : before.ranges_of(primary)) {
        for (std::size_t at = first; at <= last; ++at) {
            const auto* owner = now.owner_of(static_cast<slot>(at));
            if (owner && *owner != primary && !before.owns_any(*owner)) return true;
        }
    }
    return false;
}

}  // namespace tallycast::redis
