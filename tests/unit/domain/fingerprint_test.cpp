#include <tallycast/domain/fingerprint.hpp>

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace tallycast::domain {
namespace {

constexpr std::uint32_t kept_by_small_records = 0xffffffu;
constexpr std::uint64_t many = 200'000;

TEST(Fingerprint, Keyed_and_keyless_tags_never_meet) {
    for (std::uint64_t i = 1; i <= many; ++i) {
        ASSERT_TRUE(is_keyed(tag_of_key(std::to_string(i)))) << i;
        ASSERT_FALSE(is_keyed(tag_of_ballot({i}))) << i;
    }
}

// A 23-bit hash is zero once in eight million: the search is long enough to meet some.
TEST(Fingerprint, No_tag_is_zero_in_the_bits_a_small_record_keeps) {
    std::uint64_t zeros = 0;
    for (std::uint64_t i = 1; i <= 30'000'000; ++i)
        zeros += (tag_of_ballot({i}) & kept_by_small_records) == 0 ? 1 : 0;
    EXPECT_EQ(zeros, 0u);
}

TEST(Fingerprint, Same_key_or_ballot_has_the_same_tag) {
    EXPECT_EQ(tag_of_key("3f2a"), tag_of_key(std::string("3f2a")));
    EXPECT_EQ(tag_of_ballot({77}), tag_of_ballot({77}));
    EXPECT_NE(tag_of_key("3f2a"), tag_of_key("3f2b"));
    EXPECT_NE(tag_of_key("ab"), tag_of_key("ba"));
}

TEST(Fingerprint, Body_is_zero_for_a_withdrawal_only) {
    EXPECT_EQ(body_of({}), 0u);
    for (std::uint64_t i = 1; i <= many; ++i) ASSERT_NE(body_of({i}), 0u) << i;
}

// A reused key is told from a retry by the body alone once the ballot has been replaced.
TEST(Fingerprint, Ballots_of_a_single_choice_or_rating_have_bodies_and_tags_of_their_own) {
    std::set<std::uint16_t> bodies;
    std::set<std::uint32_t> tags;
    for (std::uint64_t i = 1; i <= 64; ++i) {
        bodies.insert(body_of({i}));
        tags.insert(tag_of_ballot({i}) & kept_by_small_records);
    }
    EXPECT_EQ(bodies.size(), 64u);
    EXPECT_EQ(tags.size(), 64u);
}

TEST(Fingerprint, Mix_depends_on_every_byte_and_on_the_seed) {
    const std::string text = "tally";
    std::set<std::uint64_t> seen{mix(text), mix(text, 1), mix(""), mix("", 1), mix("tall")};
    for (std::size_t at = 0; at < text.size(); ++at) {
        auto other = text;
        other[at] ^= 1;
        seen.insert(mix(other));
    }
    EXPECT_EQ(seen.size(), 5 + text.size());
    using namespace std::string_view_literals;
    EXPECT_NE(mix("a\0"sv), mix("a"sv));
}

TEST(Fingerprint, Mix_moves_about_half_of_the_bits) {
    int moved = 0;
    constexpr int keys = 4000;
    for (int i = 0; i < keys; ++i) {
        const auto key = std::to_string(i);
        auto other = key;
        other.back() ^= 1;
        moved += std::popcount(mix(key) ^ mix(other));
    }
    EXPECT_NEAR(static_cast<double>(moved) / keys, 32.0, 1.0);
}

}  // namespace
}  // namespace tallycast::domain
