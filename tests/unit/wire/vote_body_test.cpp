#include <tallycast/wire/vote_body.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

using namespace tallycast;
using namespace std::string_literals;
using base::errc;

namespace {

using strings = std::vector<std::string>;

strings choices_in(const std::string& body) {
    wire::vote_body_reader reader;
    const auto form = reader.read(body);
    if (!form) return {"refused: " + form.error().detail};
    EXPECT_TRUE(form->has_choices);
    EXPECT_FALSE(form->rating);
    return {form->choices.begin(), form->choices.end()};
}

base::failure failure_of(std::string_view body) {
    wire::vote_body_reader reader;
    const auto form = reader.read(body);
    return form ? base::failure{errc::internal, "it was accepted"} : form.error();
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(Vote_body, Choices_come_out_in_order) {
    EXPECT_EQ(choices_in(R"({"choices":["b","a"]})"), (strings{"b", "a"}));
    EXPECT_EQ(choices_in(" {\n\t\"choices\" : [ \"a\" ] } \r\n"), (strings{"a"}));
    EXPECT_EQ(choices_in(R"({"choices":[]})"), strings{});
    EXPECT_EQ(choices_in(R"({"choices":[""]})"), strings{""});
}

TEST(Vote_body, Escapes_are_undone_in_names_and_values) {
    EXPECT_EQ(choices_in(R"({"ch\u006fices":["\u0061","x\"\\\/\n","\ud83d\ude00z"]})"),
              (strings{"a", "x\"\\/\n", "\xf0\x9f\x98\x80z"}));
}

TEST(Vote_body, A_reader_is_used_again_and_again) {
    wire::vote_body_reader reader;
    for (int i = 0; i < 1000; ++i) {
        const auto text = R"({"choices":["\u0061)" + std::to_string(i) + R"(","b"]})";
        const auto form = reader.read(text);
        ASSERT_TRUE(form);
        ASSERT_EQ(form->choices.size(), 2u);
        ASSERT_EQ(form->choices[0], "a" + std::to_string(i));
    }
}

TEST(Vote_body, A_rating_is_a_whole_number) {
    wire::vote_body_reader reader;
    for (const auto& [body, value] : std::vector<std::pair<std::string, std::int64_t>>{
             {R"({"rating":4})", 4},
             {R"({"rating":-1})", -1},
             {R"({"rating":0})", 0},
             {R"({"rating":9223372036854775807})", INT64_MAX},
             {R"({"rating":18446744073709551615})", INT64_MAX}}) {
        const auto form = reader.read(body);
        ASSERT_TRUE(form) << body;
        EXPECT_EQ(form->rating, value) << body;
        EXPECT_FALSE(form->has_choices);
    }
}

TEST(Vote_body, Revision_may_be_named_and_is_a_whole_number_of_32_bits) {
    wire::vote_body_reader reader;
    EXPECT_EQ(reader.read(R"({"choices":["a"]})")->revision, 0u);
    EXPECT_EQ(reader.read(R"({"choices":["a"],"revision":3})")->revision, 3u);
    EXPECT_EQ(reader.read(R"({"revision":4294967295,"rating":4})")->revision, 4'294'967'295u);
    for (const auto* value : {"0", "-1", "4294967296", "9223372036854775807", "1.0", "\"1\"",
                              "null", "[1]", "[\"1\"]", "true"}) {
        const auto body = R"({"choices":["a"],"revision":)"s + value + '}';
        EXPECT_EQ(failure_of(body).code, errc::invalid_request) << body;
    }
}

struct refusal {
    std::string name;
    std::string body;
    errc code;
    std::string detail_has;
};

TEST(Vote_body, What_is_not_of_the_form_is_refused_and_told_where) {
    const refusal table[] = {
        {"empty", "", errc::malformed_json, "byte 0"},
        {"blank", "   ", errc::malformed_json, "byte 3"},
        {"broken off", R"({"choices":["a")", errc::malformed_json, "byte 15"},
        {"no quotes", R"({choices:["a"]})", errc::malformed_json, "byte 1"},
        {"comma at the end", R"({"choices":["a",]})", errc::malformed_json, "byte 16"},
        {"comment", R"({"choices":["a"]/**/})", errc::malformed_json, "byte 16"},
        {"single quotes", "{'choices':[]}", errc::malformed_json, "byte 1"},
        {"nan", R"({"rating":NaN})", errc::malformed_json, "byte 10"},
        {"infinity", R"({"rating":Infinity})", errc::malformed_json, "byte 10"},
        {"leading zero", R"({"rating":04})", errc::malformed_json, "byte 11"},
        {"plus sign", R"({"rating":+4})", errc::malformed_json, "byte 10"},
        {"byte order mark", "\xef\xbb\xbf{\"rating\":4}", errc::malformed_json, "byte 0"},
        {"not utf-8", "{\"choices\":[\"\xff\"]}", errc::malformed_json, "byte 1"},
        {"overlong utf-8", "{\"choices\":[\"\xc0\xaf\"]}", errc::malformed_json, "byte 1"},
        {"utf-8 surrogate", "{\"choices\":[\"\xed\xa0\x80\"]}", errc::malformed_json, "byte 1"},
        {"lone high surrogate", R"({"choices":["\ud800"]})", errc::malformed_json, "byte"},
        {"lone low surrogate", R"({"choices":["\udc00"]})", errc::malformed_json, "byte"},
        {"two high surrogates", R"({"choices":["\ud800\ud800"]})", errc::malformed_json, "byte"},
        {"raw control character", "{\"choices\":[\"a\nb\"]}", errc::malformed_json, "byte 14"},
        {"raw null", "{\"choices\":[\"a\0b\"]}"s, errc::malformed_json, "byte 14"},
        {"bytes behind", R"({"rating":4}x)", errc::malformed_json, "byte 12"},
        {"null behind", "{\"rating\":4}\0"s, errc::malformed_json, "byte 12"},
        {"two documents", R"({"rating":4}{"rating":4})", errc::malformed_json, "byte 12"},
        {"doubled choices", R"({"choices":["a"],"choices":["b"]})", errc::malformed_json,
         "\"choices\""},
        {"doubled in disguise", R"({"rating":1,"r\u0061ting":2})", errc::malformed_json,
         "\"rating\""},
        {"nested nine deep", R"({"choices":)" + nested(8) + "}", errc::malformed_json, "deep"},
        {"nested ten thousand deep", nested(10'000), errc::malformed_json, "deep"},
        {"nested eight deep", R"({"choices":)" + nested(7) + "}", errc::invalid_request, "choices"},
        {"an array", R"(["a"])", errc::invalid_request, "object"},
        {"a string", R"("a")", errc::invalid_request, "object"},
        {"null", "null", errc::invalid_request, "object"},
        {"an array of the object", R"([{"rating":4}])", errc::invalid_request, "object"},
        {"neither", "{}", errc::invalid_request, "either"},
        {"both", R"({"choices":["a"],"rating":4})", errc::invalid_request, "either"},
        {"choices is a string", R"({"choices":"a"})", errc::invalid_request, "choices"},
        {"choices is null", R"({"choices":null})", errc::invalid_request, "choices"},
        {"choices is an object", R"({"choices":{"a":"b"}})", errc::invalid_request, "choices"},
        {"a choice is a number", R"({"choices":["a",1]})", errc::invalid_request, "choices"},
        {"a choice is null", R"({"choices":[null,"a"]})", errc::invalid_request, "choices"},
        {"a choice is a list", R"({"choices":["a",["b"],"c"]})", errc::invalid_request, "choices"},
        {"a choice is an object", R"({"choices":["a",{"b":"c"},"d"]})", errc::invalid_request,
         "choices"},
        {"rating has a point", R"({"rating":4.0})", errc::invalid_request, "rating"},
        {"rating has an exponent", R"({"rating":4e0})", errc::invalid_request, "rating"},
        {"rating beyond a double", R"({"rating":1e400})", errc::invalid_request, "rating"},
        {"rating beyond 64 bits", R"({"rating":99999999999999999999999})", errc::invalid_request,
         "rating"},
        {"rating is a string", R"({"rating":"4"})", errc::invalid_request, "rating"},
        {"rating is true", R"({"rating":true})", errc::invalid_request, "rating"},
        {"rating is a list", R"({"rating":[4]})", errc::invalid_request, "rating"},
        {"unknown member", R"({"choices":["a"],"weight":2})", errc::unknown_field, "\"weight\""},
        {"name in capitals", R"({"Choices":["a"]})", errc::unknown_field, "\"Choices\""},
        {"a name with nothing in it", R"({"":1})", errc::unknown_field, "\"\""},
        {"nine members", R"({"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1})",
         errc::unknown_field, "\"a\""},
    };
    for (const auto& row : table) {
        SCOPED_TRACE(row.name);
        const auto f = failure_of(row.body);
        EXPECT_EQ(static_cast<int>(f.code), static_cast<int>(row.code)) << f.detail;
        EXPECT_NE(f.detail.find(row.detail_has), std::string::npos) << f.detail;
    }
}

TEST(Vote_body, Sixty_four_choices_pass_and_sixty_five_do_not) {
    std::string list = R"("o")";
    for (int i = 1; i < 64; ++i) list += R"(,"o")";
    EXPECT_EQ(choices_in(R"({"choices":[)" + list + "]}").size(), 64u);
    EXPECT_EQ(failure_of(R"({"choices":[)" + list + R"(,"o"]})").code, errc::invalid_ballot);
    EXPECT_EQ(failure_of(R"({"choices":[)" + list + R"(,"o"])").code, errc::malformed_json);
}

TEST(Vote_body, A_long_choice_is_no_matter_of_form) {
    const std::string longest(64 * 1024, 'x');
    EXPECT_EQ(choices_in(R"({"choices":[")" + longest + R"(","\u0061)" + longest + R"("]})"),
              (strings{longest, "a" + longest}));
}

TEST(Vote_body, A_long_name_is_cut_between_characters) {
    std::string name;
    for (int i = 0; i < 200; ++i) name += "\xe2\x82\xac";
    const auto f = failure_of("{\"" + name + "\":1}");
    EXPECT_EQ(f.code, errc::unknown_field);
    EXPECT_LT(f.detail.size(), 120u);
    EXPECT_NE(f.detail.find("\xe2\x82\xac...\""), std::string::npos) << f.detail;
}

TEST(Vote_body, Every_shorter_piece_of_a_body_is_refused) {
    const std::string body = R"({"choices":["a\u00e9","b"]})";
    for (std::size_t n = 0; n < body.size(); ++n)
        EXPECT_EQ(failure_of(std::string_view(body).substr(0, n)).code, errc::malformed_json) << n;
}

}  // namespace
