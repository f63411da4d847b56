#include <tallycast/app/crypto.hpp>

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace tallycast::app {
namespace {

std::span<const unsigned char> bytes_of(const std::string& text) {
    return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

// The vector of FIPS 180-2, appendix B.1.
TEST(Crypto, Sha256_of_abc_is_the_published_one) {
    EXPECT_EQ(hex(sha256("abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

// RFC 4231, test case 2.
TEST(Crypto, Hmac_is_the_published_one_and_its_key_serves_again) {
    hmac_sha256 mac("Jefe");
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(hex(mac.of("what do ya want for nothing?")),
                  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

// RFC 6455, section 1.3.
TEST(Crypto, Websocket_accept_is_that_of_the_rfc) {
    EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(Crypto, Base64url_comes_back_for_every_length) {
    std::string text;
    for (int i = 0; i < 70; ++i) {
        const auto encoded = base64url(bytes_of(text));
        EXPECT_EQ(from_base64url(encoded), text);
        EXPECT_EQ(encoded.find_first_of("+/="), std::string::npos);
        text += static_cast<char>(i * 37);
    }
}

TEST(Crypto, Base64url_takes_only_the_canonical_form) {
    EXPECT_EQ(from_base64url("AA"), std::string(1, '\0'));
    EXPECT_FALSE(from_base64url("AB"));  // the spare bits are not zero
    EXPECT_FALSE(from_base64url("A"));
    EXPECT_FALSE(from_base64url("AA=="));
    EXPECT_FALSE(from_base64url("A+"));
    for (const auto* one : {"+AAAAA", "A+AAAA", "AA+AAA", "AAA+AA", "AAAA+A"})
        EXPECT_FALSE(from_base64url(one)) << one;
    EXPECT_FALSE(from_base64url(std::string_view("A\0", 2)));
}

TEST(Crypto, Hex_comes_back_and_nothing_else_is_hex) {
    EXPECT_EQ(from_hex("00fFa0"), std::string("\0\xff\xa0", 3));
    EXPECT_FALSE(from_hex("0"));
    EXPECT_FALSE(from_hex("0g"));
}

TEST(Crypto, Ids_and_codes_are_of_their_alphabets_and_differ) {
    std::set<std::string> ids;
    for (int i = 0; i < 1000; ++i) {
        const auto id = random_id();
        EXPECT_EQ(id.size(), 15u);
        EXPECT_EQ(id.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz"), std::string::npos);
        ids.insert(id);
        EXPECT_EQ(random_code(6).find_first_of("0OI1LZS5B8AEU2"), std::string::npos);
    }
    EXPECT_EQ(ids.size(), 1000u);
}

}  // namespace
}  // namespace tallycast::app
