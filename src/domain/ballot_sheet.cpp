#include <tallycast/domain/ballot_sheet.hpp>

#include <algorithm>

namespace tallycast::domain {

namespace {

constexpr std::size_t sequence_bytes = 3;
constexpr std::size_t stamp_bytes = 5;
constexpr std::size_t short_tag_bytes = 3;
constexpr std::size_t entry_bytes = 4 + 2;

std::uint64_t get(const std::byte* from, std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i)
        value |= std::to_integer<std::uint64_t>(from[i]) << (8 * i);
    return value;
}

void put(std::byte* to, std::uint64_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) to[i] = static_cast<std::byte>(value >> (8 * i) & 0xff);
}

constexpr base::wall_time zero_of_stamps = std::chrono::sys_days{std::chrono::year{2020} / 1 / 1};

std::uint64_t stamp_of(base::wall_time at) {
    const auto since = std::chrono::floor<base::milliseconds>(at - zero_of_stamps);
    return static_cast<std::uint64_t>(std::max(since, base::milliseconds{0}).count());
}

base::wall_time time_of(std::uint64_t stamp) {
    if (stamp == 0) return {};
    return zero_of_stamps + base::milliseconds(static_cast<std::int64_t>(stamp));
}

}  // namespace

ballot_sheet::ballot_sheet(const poll_definition& definition)
    : ballot_bytes_(ballot_width(definition)),
      keeps_changes_(definition.rules.allow_change),
      record_bytes_(ballot_bytes_ +
                    (keeps_changes_ ? sequence_bytes + stamp_bytes + remembered_keys * entry_bytes
                                    : short_tag_bytes)) {}

const std::byte* ballot_sheet::at(base::voter_number voter) const {
    const auto found = pages_.find(voter.value / page_records);
    return found == pages_.end() ? nullptr
                                 : found->second.get() + voter.value % page_records * record_bytes_;
}

sheet_record ballot_sheet::decoded(const std::byte* from) const {
    sheet_record record;
    record.vote.bits = get(from, ballot_bytes_);
    from += ballot_bytes_;
    if (!keeps_changes_) {
        record.sequence = record.vote.empty() ? 0 : 1;
        if (!record.vote.empty())
            record.recent[0] = {static_cast<std::uint32_t>(get(from, short_tag_bytes)),
                                body_of(record.vote)};
        return record;
    }
    record.sequence = static_cast<std::uint32_t>(get(from, sequence_bytes));
    from += sequence_bytes;
    record.acted_at = time_of(get(from, stamp_bytes));
    from += stamp_bytes;
    for (auto& entry : record.recent) {
        entry = {static_cast<std::uint32_t>(get(from, 4)),
                 static_cast<std::uint16_t>(get(from + 4, 2))};
        from += entry_bytes;
    }
    return record;
}

sheet_record ballot_sheet::read(base::voter_number voter) const {
    const auto* from = at(voter);
    return from == nullptr ? sheet_record{} : decoded(from);
}

void ballot_sheet::write(base::voter_number voter, const sheet_record& record) {
    auto& page = pages_[voter.value / page_records];
    if (!page) page = std::make_unique<std::byte[]>(page_records * record_bytes_);
    auto* to = page.get() + voter.value % page_records * record_bytes_;
    put(to, record.vote.bits, ballot_bytes_);
    to += ballot_bytes_;
    if (!keeps_changes_) return put(to, record.recent[0].tag, short_tag_bytes);
    put(to, record.sequence, sequence_bytes);
    to += sequence_bytes;
    put(to, stamp_of(record.acted_at), stamp_bytes);
    to += stamp_bytes;
    for (const auto& entry : record.recent) {
        put(to, entry.tag, 4);
        put(to + 4, entry.body, 2);
        to += entry_bytes;
    }
}

void ballot_sheet::walk(
    base::voter_number after,
    const std::function<bool(base::voter_number, const sheet_record&)>& visit) const {
    const std::uint64_t first = after.value + 1;
    // Most records of a page may be empty, so only the field that tells is read of each.
    const std::size_t field = keeps_changes_ ? ballot_bytes_ : 0;
    const std::size_t field_bytes = keeps_changes_ ? sequence_bytes : ballot_bytes_;
    for (auto page = pages_.lower_bound(first / page_records); page != pages_.end(); ++page) {
        const std::uint64_t begin = std::max(first, page->first * page_records);
        for (std::uint64_t n = begin; n < (page->first + 1) * page_records; ++n) {
            const auto* from = page->second.get() + n % page_records * record_bytes_;
            if (get(from + field, field_bytes) != 0 && !visit({n}, decoded(from))) return;
        }
    }
}

std::size_t ballot_sheet::bytes_used() const noexcept {
    return pages_.size() * page_records * record_bytes_;
}

}  // namespace tallycast::domain
