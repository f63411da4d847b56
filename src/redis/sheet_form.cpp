#include "sheet_form.hpp"

#include <tallycast/domain/ballot_sheet.hpp>

#include <algorithm>
#include <bit>

namespace tallycast::redis {

namespace {

constexpr std::uint32_t sequence_bytes = 3;
constexpr std::uint32_t stamp_bytes = 5;
constexpr std::uint32_t entry_bytes = 4 + 2;
constexpr std::uint32_t number_bytes = 6;  // the widest record that is one number

std::uint32_t ballot_bits(const domain::poll_definition& d) {
    const auto largest = [](std::size_t n) {
        return static_cast<std::uint32_t>(std::bit_width(n));
    };
    switch (d.type) {
        case domain::poll_type::single: return largest(d.options.size());
        case domain::poll_type::multiple: return static_cast<std::uint32_t>(d.options.size());
        case domain::poll_type::rating: return largest(d.rules.scale.value_or(0));
        case domain::poll_type::ranking: return 4u * d.rules.max_choices;
    }
    return 64;
}

char letter_of(domain::poll_type type) {
    switch (type) {
        case domain::poll_type::single: return 's';
        case domain::poll_type::multiple: return 'm';
        case domain::poll_type::rating: return 'r';
        case domain::poll_type::ranking: return 'k';
    }
    return 's';
}

std::uint64_t little(std::string_view bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;)
        value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
}

std::uint64_t big(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
    return value;
}

std::uint64_t low_bits(std::uint64_t value, std::uint32_t bits) {
    return bits == 64 ? value : value & ((std::uint64_t{1} << bits) - 1);
}

}  // namespace

sheet_form form_of(const domain::poll_definition& d) {
    sheet_form form;
    form.type = letter_of(d.type);
    form.bits = ballot_bits(d);
    form.change = d.rules.allow_change;
    form.ranks = d.type == domain::poll_type::ranking ? d.rules.max_choices : 0;
    const auto ballot_bytes = form.ballot_bytes();
    const bool narrow = d.type == domain::poll_type::single || d.type == domain::poll_type::rating;
    if (form.change)
        form.bytes = ballot_bytes + sequence_bytes + stamp_bytes +
                     static_cast<std::uint32_t>(domain::remembered_keys) * entry_bytes;
    // A choice of up to 64 options leaves 9 bits or more for the tag, the others get 16.
    else if (narrow) form.bytes = 2;
    else
        form.bytes =
            (form.bits + 16 + 7) / 8 <= number_bytes ? (form.bits + 16 + 7) / 8 : ballot_bytes + 2;
    return form;
}

std::optional<ports::kept_ballot> ballot_in(const sheet_form& form, std::string_view record) {
    if (record.size() < form.bytes) return std::nullopt;
    ports::kept_ballot kept;
    const auto ballot_bytes = form.ballot_bytes();
    if (form.is_number()) {
        kept.vote.bits = low_bits(big(record.substr(0, form.bytes)), form.bits);
        kept.sequence = 1;
    } else {
        kept.vote.bits = little(record.substr(0, ballot_bytes));
        kept.sequence =
            form.change
                ? static_cast<std::uint32_t>(little(record.substr(ballot_bytes, sequence_bytes)))
                : 1;
    }
    if (kept.vote.empty()) return std::nullopt;
    return kept;
}

}  // namespace tallycast::redis
