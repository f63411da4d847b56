#include "acknowledged.hpp"

#include <algorithm>
#include <utility>

namespace tallycast::redis {

namespace {

constexpr std::chrono::hours longest_memory{1};

std::size_t weight_of(const acknowledged_group& group) {
    return sizeof group + group.actions.size() + group.keys.meta.size() + group.keys.counts.size() +
           group.keys.sheet.size() + group.keys.log.size() + group.replid.size();
}

}  // namespace

bool holds(const primary& who, const std::string& replid, std::int64_t offset) {
    if (replid.empty()) return false;
    if (replid == who.replid) return true;
    return replid == who.replid2 && offset < who.second_offset;
}

bool owns(const primary& who, slot at) {
    return std::ranges::any_of(
        who.ranges, [at](const auto& range) { return range.first <= at && at <= range.second; });
}

void acknowledged::keep(acknowledged_group group, base::mono_time now) {
    heard_of(group.replid, now);
    group.kept_since = now;
    group.serial = next_serial_++;
    group.weight = weight_of(group);
    bytes_ += group.weight;
    groups_.push_back(std::move(group));
    while (bytes_ > most_bytes_ && groups_.size() > 1) {
        drop_oldest();
        ++dropped_;
    }
}

void acknowledged::heard_of(const std::string& replid, base::mono_time now) {
    heard_[replid] = now;
    std::erase_if(heard_, [now](const auto& one) { return now - one.second > longest_memory; });
    while (!groups_.empty() && is_old(groups_.front(), now)) drop_oldest();
}

// That of a lone server has no name to be heard of.
bool acknowledged::is_old(const acknowledged_group& group, base::mono_time now) const {
    if (group.replid.empty()) return now - group.kept_since > window_;
    const auto heard = heard_.find(group.replid);
    return heard != heard_.end() && heard->second - group.kept_since > window_;
}

void acknowledged::drop_oldest() {
    bytes_ -= groups_.front().weight;
    groups_.pop_front();
}

std::vector<acknowledged_group> acknowledged::missing_at(const primary& who) {
    std::vector<acknowledged_group> missing;
    for (auto& group : groups_) {
        if (group.actions.empty() || !owns(who, group.keys.at)) continue;
        if (holds(who, group.replid, group.offset)) group.replid = who.replid;  // offsets go on
        else missing.push_back(group);
    }
    return missing;
}

void acknowledged::held(std::uint64_t serial, const std::string& replid, std::int64_t offset) {
    auto* group = with_serial(serial);
    if (!group) return;
    group->replid = replid;
    group->offset = offset;
}

void acknowledged::forget(std::uint64_t serial) {
    if (auto* group = with_serial(serial)) group->actions.clear();
}

// Null when it is too old by now.
acknowledged_group* acknowledged::with_serial(std::uint64_t serial) {
    if (groups_.empty() || serial < groups_.front().serial) return nullptr;
    return &groups_[serial - groups_.front().serial];
}

}  // namespace tallycast::redis
