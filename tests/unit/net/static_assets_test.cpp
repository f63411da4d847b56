#include <tallycast/net/static_assets.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace tallycast::net {
namespace {

static_assets few() {
    return static_assets{{
        {"assets/audience-1A2B3C4D.js", "let a = 1"},
        {"assets/audience-1A2B3C4D.js.br", "br"},
        {"assets/audience-1A2B3C4D.js.gz", "gz"},
        {"assets/audience-ZZZZZZZZ.css", "a{}"},
        {"studio.html", "<p>"},
        {"assets/lonely-1A2B3C4D.js.br", "without its file"},
        {"secret.toml", "key"},
    }};
}

TEST(Static_assets, A_name_with_a_hash_never_changes_and_is_found_without_it) {
    const auto assets = few();
    EXPECT_EQ(assets.address_of("audience.js"), "/assets/audience-1A2B3C4D.js");
    EXPECT_EQ(assets.address_of("audience.css"), "/assets/audience-ZZZZZZZZ.css");
    EXPECT_EQ(assets.address_of("studio.html"), "");
    EXPECT_TRUE(assets.find("assets/audience-1A2B3C4D.js")->immutable);
    EXPECT_FALSE(assets.find("studio.html")->immutable);
}

TEST(Static_assets, What_has_no_type_or_only_a_compressed_copy_is_not_sent) {
    const auto assets = few();
    EXPECT_EQ(assets.find("secret.toml"), nullptr);
    EXPECT_EQ(assets.find("assets/lonely-1A2B3C4D.js"), nullptr);
    EXPECT_EQ(assets.address_of("lonely.js"), "");
    EXPECT_EQ(assets.find("assets/../secret.toml"), nullptr);
    EXPECT_EQ(assets.find(""), nullptr);
}

TEST(Static_assets, Each_coding_has_a_strong_tag_of_its_own) {
    const auto assets = few();
    const auto& tags = assets.find("assets/audience-1A2B3C4D.js")->tags;
    for (const auto& tag : tags) EXPECT_THAT(tag, testing::MatchesRegex("\"[0-9a-f]{32}\""));
    EXPECT_NE(tags[0], tags[1]);
    EXPECT_NE(tags[1], tags[2]);
}

struct coding_case {
    const char* accepted;
    content_coding chosen;
};

TEST(Static_assets, The_client_chooses_the_coding) {
    const coding_case cases[]{
        {"", content_coding::identity},
        {"gzip, deflate, br, zstd", content_coding::brotli},
        {"GZIP", content_coding::gzip},
        {"gzip;q=1.0, br;q=0", content_coding::gzip},
        {"br ; q=0.001", content_coding::brotli},
        {"br;q=0.000,gzip;q=0", content_coding::identity},
        {"*", content_coding::brotli},
        {"*;q=0", content_coding::identity},
        {"br;q=0, *", content_coding::gzip},
        {"brotli, xgzip", content_coding::identity},
        {",,;,q=1", content_coding::identity},
    };
    const auto assets = few();
    const auto& script = *assets.find("assets/audience-1A2B3C4D.js");
    for (const auto& c : cases)
        EXPECT_EQ(choose_coding(script, c.accepted), c.chosen) << c.accepted;
    EXPECT_EQ(choose_coding(*assets.find("studio.html"), "br, gzip"), content_coding::identity);
}

TEST(Static_assets, A_bundle_is_read_whole_or_refused) {
    const auto files = read_bundle(
        "a.js 3\nx\ny"
        "b c.css 0\n");
    ASSERT_TRUE(files);
    ASSERT_EQ(files->size(), 2U);
    EXPECT_EQ(files->at(0).path, "a.js");
    EXPECT_EQ(files->at(0).bytes, "x\ny");
    EXPECT_EQ(files->at(1).path, "b c.css");
    EXPECT_TRUE(read_bundle("")->empty());
    for (const auto* broken :
         {"a", "a\n", "a \n", " 1\nx", "a 2\nx", "a -1\n", "a 99999999999999999999\n", "a 1x\ny"})
        EXPECT_FALSE(read_bundle(broken)) << broken;
}

}  // namespace
}  // namespace tallycast::net
