#include <tallycast/load/evening_script.hpp>

#include <gtest/gtest.h>

namespace tallycast::load {
namespace {

using kind = evening_phase::kind;

std::string fault_of(const char* text) {
    const auto parsed = parse_script(nlohmann::json::parse(text, nullptr, false));
    const auto* why = std::get_if<std::string>(&parsed);
    return why == nullptr ? "" : *why;
}

TEST(evening_script, The_usual_evening_has_a_storm_after_its_first_poll) {
    std::string order;
    for (const auto& each : script_of({.polls = 2})) order += name_of(each.what) + " ";
    EXPECT_EQ(order, "join poll storm poll leave ");
    EXPECT_EQ(script_of({.polls = 1, .cut = 0}).size(), 3u);
}

TEST(evening_script, A_script_is_read_as_it_stands) {
    const auto parsed = parse_script(nlohmann::json::parse(
        R"([{"do":"join","people":7,"over_s":0.5},{"do":"poll","share":0.9,"steady":true},
            {"do":"storm","share":0,"over_s":60},{"do":"hold"},{"do":"leave","share":0.5}])"));
    const auto& script = std::get<evening_script>(parsed);
    ASSERT_EQ(script.size(), 5u);
    EXPECT_EQ(script[0].people, 7u);
    EXPECT_EQ(script[0].over.count(), 0.5);
    EXPECT_EQ(script[1].share, 0.9);
    EXPECT_TRUE(script[1].steady);
    EXPECT_EQ(script[2].what, kind::storm);
    EXPECT_EQ(script[2].share, 0);
    EXPECT_EQ(script[4].share, 0.5);
}

TEST(evening_script, What_is_wrong_is_said) {
    for (const auto& [text, part] : {
             std::pair{"{", "a list"},
             {"{}", "a list"},
             {"[]", "begins with a join"},
             {R"([{"people":1}])", "has a \"do\""},
             {R"([{"do":"dance"}])", "\"dance\""},
             {R"([{"do":"poll"}])", "begins with a join"},
             {R"([{"do":"join"}])", "has \"people\""},
             {R"([{"do":"join","people":0}])", "cannot be 0"},
             {R"([{"do":"join","people":-1}])", "does not fit"},
             {R"([{"do":"join","people":1,"share":1}])", "\"share\" does not fit"},
             {R"([{"do":"join","people":1},{"do":"poll","share":1.1}])", "cannot be 1.1"},
             {R"([{"do":"join","people":1},{"do":"hold","over_s":0}])", "cannot be 0"},
             {R"([{"do":"join","people":1},{"do":"hold","steady":true}])", "does not fit"},
             {R"([{"do":"join","people":10000},{"do":"join","people":10000}])", "more people"},
         }) {
        EXPECT_NE(fault_of(text).find(part), std::string::npos) << text << ": " << fault_of(text);
    }
    EXPECT_EQ(fault_of(R"([{"do":"join","people":10000},{"do":"leave","share":0.5},
                           {"do":"join","people":10000}])"),
              "")
        << "who has gone needs no descriptor";
}

}  // namespace
}  // namespace tallycast::load
