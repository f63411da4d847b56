#include "following.hpp"

#include "server_role.hpp"

#include <algorithm>
#include <charconv>

namespace tallycast::redis {

namespace {

// [host, port, offset], all of them text.
std::int64_t offset_of(const reply& replica) {
    std::int64_t offset = 0;
    if (replica.items.size() < 3) return offset;
    const auto& text = replica.items[2].text;
    std::from_chars(text.data(), text.data() + text.size(), offset);
    return offset;
}

}  // namespace

// ["master", offset, [replica...]]
void following::heard(const reply& role) {
    if (read_role(role) != server_role::primary || role.items.size() < 3) return;
    offset_ = role.items[1].number;
    acknowledged_.clear();
    for (const auto& replica : role.items[2].items) acknowledged_.push_back(offset_of(replica));
}

int following::keeping_up() const {
    return static_cast<int>(std::ranges::count_if(
        acknowledged_, [this](std::int64_t offset) { return offset >= missed_; }));
}

}  // namespace tallycast::redis
