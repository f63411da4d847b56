#include <tallycast/config/load.hpp>
#include <tallycast/config/manual.hpp>

#include "files.hpp"

#include <gtest/gtest.h>

namespace tallycast::config {
namespace {

TEST(Manual, The_document_is_what_the_program_prints) {
    EXPECT_EQ(content_of(std::string(TALLYCAST_SOURCE_DIR) + "/docs/configuration.md"),
              print_manual())
        << "write it anew: tallycast manual > docs/configuration.md";
}

TEST(Manual, Every_option_has_its_heading_and_its_variable) {
    const std::string manual = print_manual();
    const auto defaults = std::get<settings>(load({}, {}));
    for (const auto& [name, text] : defaults.as_text) {
        EXPECT_NE(manual.find("### `--" + name + "`"), std::string::npos) << name;
        std::string variable = "TALLYCAST_";
        for (const char c : name) variable += c == '-' ? '_' : static_cast<char>(std::toupper(c));
        EXPECT_NE(manual.find("- Variable: `" + variable + "`"), std::string::npos) << name;
    }
}

}  // namespace
}  // namespace tallycast::config
