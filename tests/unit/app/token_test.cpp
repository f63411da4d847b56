#include <tallycast/app/token.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>

namespace tallycast::app {
namespace {

using namespace std::chrono_literals;
using base::errc;

const base::wall_time now{std::chrono::seconds{1'800'000'000}};
const signing_key first{"k1", std::string(32, 'a')};
const signing_key second{"k2", std::string(32, 'b')};

token_claims voter(std::uint64_t number = 17) {
    return {token_kind::voter, base::event_id{"abcdefghij12345"}, {number}, now, now + 12h};
}

TEST(Token, Says_what_was_signed) {
    token_signer signer({first});
    const auto read = signer.verify(signer.sign(voter(123'456'789'012)), now);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->kind, token_kind::voter);
    EXPECT_EQ(read->event.str(), "abcdefghij12345");
    EXPECT_EQ(read->number.value, 123'456'789'012u);
    EXPECT_EQ(read->issued, now);
    EXPECT_EQ(read->expires, now + 12h);
}

TEST(Token, A_watchers_is_no_voters) {
    token_signer signer({first});
    auto claims = voter();
    claims.kind = token_kind::watcher;
    const auto token = signer.sign(claims);
    EXPECT_TRUE(token.starts_with("tcw_"));
    EXPECT_EQ(signer.verify(token, now)->kind, token_kind::watcher);
    // The prefix is signed too.
    EXPECT_EQ(signer.verify("tcv_" + token.substr(4), now).error().code, errc::voter_token_invalid);
}

TEST(Token, Every_single_bit_flip_is_refused_with_one_message) {
    token_signer signer({first});
    const auto token = signer.sign(voter());
    const auto expected = signer.verify("garbage", now).error();
    for (std::size_t i = 0; i < token.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            auto flipped = token;
            flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
            const auto read = signer.verify(flipped, now);
            ASSERT_FALSE(read) << "byte " << i << " bit " << bit;
            EXPECT_EQ(read.error().code, expected.code);
            EXPECT_EQ(read.error().detail, expected.detail);
        }
    }
}

constexpr std::string_view base64url_letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// One to four changes: any byte, or a letter that leaves the token well formed; bytes lost, bytes
// added, and the tail of another token.
std::string mutated(std::string token, const std::string& other, std::mt19937& random) {
    const auto changes = 1 + random() % 4;
    for (unsigned c = 0; c < changes; ++c) {
        const auto at = random() % token.size();
        switch (random() % 6) {
            case 0: token[at] = static_cast<char>(random()); break;
            case 1: token.erase(at, 1 + random() % 3); break;
            case 2: token.insert(at, 1, static_cast<char>(33 + random() % 94)); break;
            case 3: token = token.substr(0, at) + other.substr(std::min(at, other.size())); break;
            default: token[at] = base64url_letters[random() % base64url_letters.size()];
        }
        if (token.empty()) token = "t";
    }
    return token;
}

TEST(Token, A_million_mutations_are_refused) {
    token_signer signer({first, second});
    const auto token = signer.sign(voter());
    const auto other = signer.sign(voter(18));
    constexpr unsigned seed = 20261124;
    std::mt19937 random(seed);
    int tried = 0;
    for (int i = 0; i < 1'000'000; ++i) {
        const auto changed = mutated(token, other, random);
        if (changed == token || changed == other) continue;
        ++tried;
        ASSERT_FALSE(signer.verify(changed, now)) << "seed " << seed << " step " << i;
    }
    EXPECT_GT(tried, 900'000);
}

TEST(Token, Expires_at_its_second) {
    token_signer signer({first});
    const auto token = signer.sign(voter());
    EXPECT_TRUE(signer.verify(token, now + 12h - 1ms));
    EXPECT_EQ(signer.verify(token, now + 12h).error().code, errc::voter_token_expired);
}

TEST(Token, Rotation_keeps_the_old_key_valid_and_signs_with_the_new) {
    token_signer before({first});
    token_signer during({second, first});
    token_signer after({second});
    const auto old_token = before.sign(voter());
    const auto new_token = during.sign(voter());
    EXPECT_TRUE(during.verify(old_token, now));
    EXPECT_TRUE(after.verify(new_token, now));
    EXPECT_FALSE(after.verify(old_token, now));
    EXPECT_FALSE(before.verify(new_token, now));
}

TEST(Token, A_key_of_the_same_name_with_another_secret_verifies_nothing) {
    token_signer ours({first});
    token_signer theirs({{"k1", std::string(32, 'c')}});
    EXPECT_FALSE(ours.verify(theirs.sign(voter()), now));
}

TEST(Token, Over_its_longest_it_is_refused_unread) {
    token_signer signer({first});
    EXPECT_FALSE(signer.verify(signer.sign(voter()) + std::string(5000, 'A'), now));
    EXPECT_LE(token_signer({{std::string(16, 'k'), std::string(32, 'a')}}).sign(voter()).size(),
              max_token_length);
    // Signed as it should be: who looked at the signature would take it.
    for (const std::size_t length : {50U, 5000U}) {
        token_signer long_winded({{std::string(length, 'k'), std::string(32, 'a')}});
        EXPECT_EQ(long_winded.verify(long_winded.sign(voter()), now).error().code,
                  errc::voter_token_invalid);
    }
}

}  // namespace
}  // namespace tallycast::app
