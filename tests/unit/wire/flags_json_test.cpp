#include <tallycast/wire/flags_json.hpp>

#include <gtest/gtest.h>

namespace tallycast::wire {
namespace {

using domain::flag_id;
using domain::flag_value;

const flag_view a_rate{flag_id::results_rate, 2.5, 20.0, true,
                       base::wall_time{base::milliseconds{0}}};
const flag_view a_notice{flag_id::maintenance_notice, std::string("\"soon\""), std::string(), false,
                         std::nullopt};

TEST(Flags_json, Shows_a_flag) {
    EXPECT_EQ(write_flag(a_rate),
              R"({"name":"results-rate","value":2.5,"default":20,"set":true,)"
              R"("changed_at":"1970-01-01T00:00:00.000Z","meaning":)"
              R"("results of a poll that a live connection is sent in a second, at most"})");
    EXPECT_NE(write_flag(a_notice).find(R"("value":"\"soon\"","default":"","set":false,)"
                                        R"("changed_at":null)"),
              std::string::npos);
}

TEST(Flags_json, Shows_an_evaluation_as_OFREP_has_it) {
    const auto text = write_evaluation(a_rate);
    EXPECT_TRUE(text.starts_with(R"({"key":"results-rate","value":2.5,"reason":"STATIC",)"))
        << text;
    EXPECT_NE(write_evaluation(a_notice).find(R"("reason":"DEFAULT")"), std::string::npos);
    EXPECT_EQ(write_evaluation_error("x", "FLAG_NOT_FOUND", "none"),
              R"({"key":"x","errorCode":"FLAG_NOT_FOUND","errorDetails":"none"})");
    EXPECT_EQ(write_evaluation_error("", "PARSE_ERROR", "no"),
              R"({"errorCode":"PARSE_ERROR","errorDetails":"no"})");
}

TEST(Flags_json, Reads_a_change_of_any_kind) {
    EXPECT_EQ(read_flag_change(R"({"value":true})")->value, flag_value{true});
    EXPECT_EQ(read_flag_change(R"({"value":2})")->value, flag_value{2.0});
    EXPECT_EQ(read_flag_change(R"({"value":0.25})")->value, flag_value{0.25});
    EXPECT_EQ(read_flag_change(R"({"value":""})")->value, flag_value{std::string()});
    EXPECT_FALSE(read_flag_change(R"({"value":null})")->value);
}

TEST(Flags_json, Refuses_what_is_no_change) {
    using base::errc;
    const std::pair<const char*, errc> wrong[]{
        {"", errc::malformed_json},
        {"{}", errc::invalid_request},
        {R"({"value":[]})", errc::invalid_request},
        {R"({"value":{}})", errc::invalid_request},
        {R"({"value":1,"x":2})", errc::unknown_field},
        {"[1]", errc::invalid_request},
        {R"({"value":"\u0007"})", errc::invalid_request},
    };
    for (const auto& [text, code] : wrong) {
        const auto read = read_flag_change(text);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().code, code) << text;
    }
}

TEST(Flags_json, Looks_at_no_more_of_an_evaluation_than_its_form) {
    for (const auto* fine : {"", "{}", R"({"context":{"targetingKey":"x","a":[1]},"more":1})"})
        EXPECT_TRUE(read_evaluation(fine)) << fine;
    for (const auto* wrong : {"no", "[]", R"({"context":1})"})
        EXPECT_FALSE(read_evaluation(wrong)) << wrong;
}

}  // namespace
}  // namespace tallycast::wire
