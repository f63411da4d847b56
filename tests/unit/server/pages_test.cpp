#include <tallycast/server/pages.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>

namespace tallycast::server {
namespace {

namespace fs = std::filesystem;

class Pages_in_a_folder : public testing::Test {
protected:
    Pages_in_a_folder()
        : folder(fs::temp_directory_path() /
                 ("tallycast-pages-" + std::to_string(std::random_device{}()))) {
        fs::create_directories(folder / "ui/assets");
    }
    ~Pages_in_a_folder() override { fs::remove_all(folder); }

    void write(const fs::path& name, const std::string& text) const {
        std::ofstream(folder / name, std::ios::binary) << text;
    }

    fs::path folder;
};

TEST_F(Pages_in_a_folder, Are_its_regular_files_and_nothing_a_link_leads_to) {
    write("secret.js", "outside");
    write("ui/studio.html", "<p>");
    write("ui/assets/a-1A2B3C4D.js", "let a");
    fs::create_symlink(folder / "secret.js", folder / "ui/leak.js");
    fs::create_directory_symlink(folder, folder / "ui/up");
    const auto assets = assets_of((folder / "ui").string());
    ASSERT_TRUE(assets);
    EXPECT_EQ((*assets)->find("studio.html")->bytes[0], "<p>");
    EXPECT_EQ((*assets)->address_of("a.js"), "/assets/a-1A2B3C4D.js");
    EXPECT_EQ((*assets)->find("leak.js"), nullptr);
    EXPECT_EQ((*assets)->find("up/secret.js"), nullptr);
    EXPECT_EQ((*assets)->find("../secret.js"), nullptr);
}

TEST_F(Pages_in_a_folder, Are_refused_where_they_are_too_many_or_too_large) {
    write("ui/large.js", std::string(4 * 1024 * 1024 + 1, 'x'));
    EXPECT_THAT(pages_in(folder / "ui").error().detail, testing::HasSubstr("larger than 4 MiB"));
    write("ui/large.js", std::string(4 * 1024 * 1024, 'x'));
    EXPECT_TRUE(pages_in(folder / "ui"));
    for (int i = 0; i < 256; ++i) write("ui/" + std::to_string(i) + ".js", "x");
    EXPECT_THAT(pages_in(folder / "ui").error().detail, testing::HasSubstr("more than 256 files"));
    EXPECT_THAT(assets_of((folder / "none").string()).error().detail,
                testing::HasSubstr("cannot be read"));
}

}  // namespace
}  // namespace tallycast::server
