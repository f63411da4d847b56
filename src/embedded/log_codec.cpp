#include <tallycast/embedded/log_codec.hpp>

#include <optional>

namespace tallycast::embedded {

namespace {

constexpr std::size_t tag_bytes = 4;

void append_varint(std::vector<std::byte>& row, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) row.push_back(static_cast<std::byte>(value | 0x80));
    row.push_back(static_cast<std::byte>(value));
}

std::optional<std::uint64_t> take_varint(std::span<const std::byte>& left) {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < left.size() && i < 10; ++i) {
        const auto part = std::to_integer<std::uint64_t>(left[i]);
        const auto bits = part & 0x7f;
        if (i == 9 && bits > 1) return std::nullopt;  // past 64 bits
        value |= bits << (7 * i);
        if (part & 0x80) continue;
        if (i > 0 && bits == 0) return std::nullopt;  // a shorter form exists
        left = left.subspan(i + 1);
        return value;
    }
    return std::nullopt;
}

std::optional<std::uint32_t> take_tag(std::span<const std::byte>& left) {
    if (left.size() < tag_bytes) return std::nullopt;
    std::uint32_t tag = 0;
    for (std::size_t i = 0; i < tag_bytes; ++i)
        tag |= std::to_integer<std::uint32_t>(left[i]) << (8 * i);
    left = left.subspan(tag_bytes);
    return tag;
}

}  // namespace

void append_action(std::vector<std::byte>& row, const logged_action& action) {
    if (row.empty()) row.push_back(log_format);
    append_varint(row, action.voter.value);
    append_varint(row, action.vote.bits);
    for (std::size_t i = 0; i < tag_bytes; ++i)
        row.push_back(static_cast<std::byte>(action.tag >> (8 * i)));
}

bool parse_actions(std::span<const std::byte> row,
                   const std::function<void(const logged_action&)>& each) {
    if (row.size() < 2 || row.front() != log_format) return false;
    for (auto left = row.subspan(1); !left.empty();) {
        const auto voter = take_varint(left);
        const auto vote = voter ? take_varint(left) : std::nullopt;
        const auto tag = vote ? take_tag(left) : std::nullopt;
        if (!tag || *voter == 0) return false;
        each({base::voter_number{*voter}, domain::ballot{*vote}, *tag});
    }
    return true;
}

}  // namespace tallycast::embedded
