#include <tallycast/domain/ballot_sheet.hpp>

#include <unit/domain/polls.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <vector>

namespace tallycast::domain {
namespace {

using base::voter_number;

constexpr std::uint64_t far_away = std::uint64_t{1} << 40;

sheet_record voted(std::uint64_t bits, std::uint32_t tag) {
    return {.vote = {bits}, .sequence = 1, .recent = {{{tag, body_of({bits})}}}};
}

sheet_record full_record(std::uint64_t bits) {
    sheet_record record{.vote = {bits},
                        .sequence = max_sequence,
                        .acted_at = std::chrono::sys_days{std::chrono::year{2054} / 1 / 1},
                        .recent = {}};
    for (std::uint32_t i = 0; i < remembered_keys; ++i)
        record.recent[i] = {0xfedcba90u + i, static_cast<std::uint16_t>(0xff00u + i)};
    return record;
}

std::vector<std::uint64_t> voters_after(const ballot_sheet& sheet, std::uint64_t after) {
    std::vector<std::uint64_t> seen;
    sheet.walk({after}, [&](voter_number voter, const sheet_record&) {
        seen.push_back(voter.value);
        return true;
    });
    return seen;
}

TEST(Ballot_sheet, Records_are_as_wide_as_the_layout_says) {
    const auto single = accepted(a_definition());
    const auto wide = accepted(a_definition(poll_type::multiple, 64));
    EXPECT_EQ(ballot_sheet(single).record_bytes(), 1u + 3);
    EXPECT_EQ(ballot_sheet(wide).record_bytes(), 8u + 3);
    EXPECT_EQ(ballot_sheet(changeable(single)).record_bytes(), 1u + 3 + 5 + 8 * 6);
    EXPECT_EQ(ballot_sheet(changeable(wide)).record_bytes(), 8u + 3 + 5 + 8 * 6);
}

TEST(Ballot_sheet, Voter_who_never_voted_has_an_empty_record) {
    const ballot_sheet sheet(accepted(a_definition()));
    EXPECT_EQ(sheet.read({1}), sheet_record{});
    EXPECT_EQ(sheet.read({far_away}), sheet_record{});
    EXPECT_EQ(sheet.bytes_used(), 0u);
}

TEST(Ballot_sheet, Keeps_every_field_of_a_record_with_changes) {
    for (const std::size_t options : {2u, 9u, 33u, 64u}) {
        const auto d = changeable(accepted(a_definition(poll_type::multiple, options)));
        ballot_sheet sheet(d);
        const auto record =
            full_record(std::numeric_limits<std::uint64_t>::max() >> (64 - options));
        sheet.write({7}, record);
        EXPECT_EQ(sheet.read({7}), record) << options;
        EXPECT_EQ(sheet.read({6}), sheet_record{}) << options;
        EXPECT_EQ(sheet.read({8}), sheet_record{}) << options;
    }
}

TEST(Ballot_sheet, Neighbours_do_not_touch_each_other) {
    ballot_sheet sheet(changeable(accepted(a_definition(poll_type::multiple, 20))));
    for (const std::uint64_t n : {4094u, 4095u, 4096u, 4097u}) sheet.write({n}, full_record(n));
    sheet.write({4095}, {});
    EXPECT_EQ(sheet.read({4094}), full_record(4094));
    EXPECT_EQ(sheet.read({4095}), sheet_record{});
    EXPECT_EQ(sheet.read({4096}), full_record(4096));
    EXPECT_EQ(sheet.read({4097}), full_record(4097));
}

TEST(Ballot_sheet, Without_changes_keeps_the_ballot_and_24_bits_of_the_tag) {
    ballot_sheet sheet(accepted(a_definition()));
    sheet.write({3}, voted(2, sheet.stored(0xabcdef13u)));
    EXPECT_EQ(sheet.stored(0xabcdef13u), 0xcdef13u);
    EXPECT_EQ(sheet.read({3}), voted(2, 0xcdef13u));
    sheet.write({3}, {});
    EXPECT_EQ(sheet.read({3}), sheet_record{}) << "taken back";
}

TEST(Ballot_sheet, With_changes_keeps_the_whole_tag) {
    EXPECT_EQ(ballot_sheet(changeable(accepted(a_definition()))).stored(0xabcdef13u), 0xabcdef13u);
}

TEST(Ballot_sheet, Distant_voters_cost_a_page_each_and_nothing_between) {
    ballot_sheet sheet(accepted(a_definition()));
    sheet.write({1}, voted(1, 5));
    const auto page = sheet.bytes_used();
    EXPECT_LE(page, 64u * 1024);
    sheet.write({far_away}, voted(3, 7));
    EXPECT_EQ(sheet.bytes_used(), 2 * page);
    EXPECT_EQ(sheet.read({far_away}), voted(3, 7));
}

TEST(Ballot_sheet, Walk_ascends_over_all_pages_and_skips_the_empty) {
    ballot_sheet sheet(accepted(a_definition()));
    for (const std::uint64_t n : {far_away, std::uint64_t{4096}, std::uint64_t{1},
                                  std::uint64_t{4095}, std::uint64_t{900'000}})
        sheet.write({n}, voted(1, 5));
    sheet.write({2}, {});
    using numbers = std::vector<std::uint64_t>;
    EXPECT_EQ(voters_after(sheet, 0), (numbers{1, 4095, 4096, 900'000, far_away}));
    EXPECT_EQ(voters_after(sheet, 1), (numbers{4095, 4096, 900'000, far_away}));
    EXPECT_EQ(voters_after(sheet, 4095), (numbers{4096, 900'000, far_away}));
    EXPECT_EQ(voters_after(sheet, 5000), (numbers{900'000, far_away}));
    EXPECT_EQ(voters_after(sheet, far_away), numbers{});
}

TEST(Ballot_sheet, Walk_stops_when_told_to) {
    ballot_sheet sheet(accepted(a_definition()));
    for (std::uint64_t n = 1; n < 10; ++n) sheet.write({n}, voted(1, 5));
    int visits = 0;
    sheet.walk({}, [&](voter_number, const sheet_record&) { return ++visits < 3; });
    EXPECT_EQ(visits, 3);
}

TEST(Ballot_sheet, Walk_shows_a_voter_who_withdrew) {
    ballot_sheet sheet(changeable(accepted(a_definition())));
    sheet.write({4}, {.vote = {}, .sequence = 2, .recent = {}});
    EXPECT_EQ(voters_after(sheet, 0), std::vector<std::uint64_t>{4});
}

}  // namespace
}  // namespace tallycast::domain
