#include <tallycast/wire/percent.hpp>

#include <gtest/gtest.h>

#include <string>

using namespace tallycast;
using namespace std::string_literals;
using wire::name_value_pairs;

namespace {

TEST(Percent, Segments_are_decoded) {
    EXPECT_EQ(wire::decode_segment("abc").value(), "abc");
    EXPECT_EQ(wire::decode_segment("a%20b+c%2Bd%2f%C3%a9").value(), "a b+c+d/\xc3\xa9");
    EXPECT_EQ(wire::decode_segment("").value(), "");
    EXPECT_EQ(wire::decode_segment("%2525").value(), "%25");
}

TEST(Percent, Anything_crooked_is_refused) {
    for (const auto* text : {"%", "%4", "%4g", "%g4", "%%41", "a%", "%-1", "% 41", "%00", "%0a",
                             "%7f", "%ff", "%c0%af", "%ed%a0%80", "%c3"}) {
        const auto decoded = wire::decode_segment(text);
        ASSERT_FALSE(decoded) << text;
        EXPECT_EQ(decoded.error().code, base::errc::invalid_request);
    }
}

TEST(Percent, Queries_are_pairs) {
    EXPECT_EQ(wire::read_query("").value(), name_value_pairs{});
    EXPECT_EQ(wire::read_query("format=csv&round=2").value(),
              (name_value_pairs{{"format", "csv"}, {"round", "2"}}));
    EXPECT_EQ(wire::read_query("a&b=&c=d=e&&").value(),
              (name_value_pairs{{"a", ""}, {"b", ""}, {"c", "d=e"}}));
    EXPECT_EQ(wire::read_query("q=a+b%2Bc&%71%31=1").value(),
              (name_value_pairs{{"q", "a b+c"}, {"q1", "1"}}));
}

TEST(Percent, Queries_are_bounded_and_have_no_doubles) {
    std::string query;
    for (int i = 0; i < 16; ++i) query += "p" + std::to_string(i) + "=1&";
    EXPECT_EQ(wire::read_query(query).value().size(), 16u);
    EXPECT_FALSE(wire::read_query(query + "more=1"));
    for (const auto* text : {"round=1&round=2", "a=1&%61=2", "=1", "a=%zz", "a=%0d%0a", "%=1"})
        EXPECT_FALSE(wire::read_query(text)) << text;
}

TEST(Percent, Forms_may_repeat_a_name_and_break_lines) {
    EXPECT_EQ(wire::read_form("choice=a&choice=b&note=x%0D%0Ay").value(),
              (name_value_pairs{{"choice", "a"}, {"choice", "b"}, {"note", "x\r\ny"}}));
    EXPECT_FALSE(wire::read_form("choice=%00"));
    EXPECT_FALSE(wire::read_form("choice=a\0b"s));
    EXPECT_FALSE(wire::read_form("choice=%ff"));
    std::string form;
    for (int i = 0; i < 128; ++i) form += "c=1&";
    EXPECT_EQ(wire::read_form(form).value().size(), 128u);
    EXPECT_FALSE(wire::read_form(form + "c=1"));
}

}  // namespace
