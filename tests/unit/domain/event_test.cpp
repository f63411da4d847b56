#include <tallycast/domain/event.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tallycast::domain {
namespace {

struct typed_code {
    std::string_view typed;
    std::optional<std::string> folded;
};

TEST(Event_code, Is_folded_as_people_type_it) {
    const std::vector<typed_code> cases{
        {"ACDFGH", "ACDFGH"},          {"acdfgh", "ACDFGH"},
        {"acd-fgh", "ACDFGH"},         {"  A c D - f G h  ", "ACDFGH"},
        {"acdfghjk", "ACDFGHJK"},      {"346790", "346790"},
        {"azAZ09", "AZAZ09"},          {"acdfg", std::nullopt},
        {"acdfghjkm", std::nullopt},   {"", std::nullopt},
        {"- - - - - -", std::nullopt}, {"acdfg_", std::nullopt},
        {"acd/fgh", std::nullopt},     {"acdfgé", std::nullopt},
        {"acdfg\t", std::nullopt},     {std::string_view("acdfgh\0", 7), std::nullopt},
        {"acdfg@", std::nullopt},      {"acdfg[", std::nullopt},
        {"acdfg`", std::nullopt},      {"acdfg{", std::nullopt},
        {"acdfg:", std::nullopt},
    };
    for (const auto& c : cases) EXPECT_EQ(folded_code(c.typed), c.folded) << '"' << c.typed << '"';
}

TEST(Event_code, Folding_twice_is_folding_once) {
    const auto once = folded_code("k-7 wq 3p").value();
    EXPECT_EQ(folded_code(once), once);
}

TEST(Event_code, Alphabet_has_no_look_alikes_and_is_kept_by_folding) {
    for (const char c : std::string_view("0O1IL2Z5S8BAEU"))
        EXPECT_EQ(code_alphabet.find(c), std::string_view::npos) << c;
    for (std::size_t i = 0; i + min_code_length <= code_alphabet.size(); ++i) {
        const auto code = code_alphabet.substr(i, min_code_length);
        EXPECT_EQ(folded_code(code), std::string(code));
    }
}

TEST(Event_code, No_two_codes_of_the_alphabet_look_alike) {
    std::set<std::string> looks;
    for (const char c : code_alphabet) looks.insert(look_of_code(std::string(min_code_length, c)));
    EXPECT_EQ(looks.size(), code_alphabet.size());
    // What looks like one of another alphabet's characters is found all the same.
    EXPECT_EQ(look_of_code("GUO347"), look_of_code("6VQ347"));
}

}  // namespace
}  // namespace tallycast::domain
