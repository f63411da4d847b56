#include "met_primaries.hpp"

#include "acknowledged.hpp"

#include <algorithm>

namespace tallycast::redis {

namespace {

bool share_slots(const primary& one, const primary& other) {
    const auto begins_in = [](const primary& a, const primary& b) {
        return std::ranges::any_of(a.ranges, [&b](auto range) { return owns(b, range.first); });
    };
    return begins_in(one, other) || begins_in(other, one);
}

}  // namespace

bool met_primaries::is_another(const primary& who) {
    bool another = false;
    std::erase_if(met_, [&](const primary& before) {
        if (before.address != who.address && !share_slots(before, who)) return false;
        another = another || before.replid != who.replid;
        return true;
    });
    met_.push_back(who);
    return another;
}

}  // namespace tallycast::redis
