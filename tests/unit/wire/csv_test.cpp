#include <tallycast/wire/csv.hpp>

#include "samples.hpp"

#include <gtest/gtest.h>

#include <string>

using namespace tallycast;
using domain::poll_type;
using wire::export_format;

namespace {

std::string exported(const domain::poll& poll, domain::ballot vote, export_format format) {
    auto text = wire::export_header(format, poll.definition);
    wire::append_export_row(text, format, poll.definition, 2, base::voter_number{17}, vote);
    return text;
}

std::string csv(const domain::poll& poll, domain::ballot vote) {
    return exported(poll, vote, export_format::csv);
}
std::string ndjson(const domain::poll& poll, domain::ballot vote) {
    return exported(poll, vote, export_format::ndjson);
}

TEST(Export, Each_type_has_its_columns) {
    const auto single = samples::poll(poll_type::single);
    EXPECT_EQ(csv(single, samples::chosen(single, {"b"})), "round,voter,choice\r\n2,17,b\r\n");
    const auto multiple = samples::poll(poll_type::multiple);
    EXPECT_EQ(csv(multiple, samples::chosen(multiple, {"c", "a"})),
              "round,voter,a,b,c\r\n2,17,1,0,1\r\n");
    const auto rating = samples::poll(poll_type::rating);
    EXPECT_EQ(csv(rating, samples::rated(rating, 4)), "round,voter,rating\r\n2,17,4\r\n");
    const auto ranking = samples::poll(poll_type::ranking);
    EXPECT_EQ(csv(ranking, samples::chosen(ranking, {"c", "a"})),
              "round,voter,rank_1,rank_2,rank_3\r\n2,17,c,a,\r\n");
}

TEST(Export, Ndjson_is_an_object_a_line) {
    const auto ranking = samples::poll(poll_type::ranking);
    EXPECT_EQ(ndjson(ranking, samples::chosen(ranking, {"c", "a"})),
              "{\"round\":2,\"voter\":17,\"choices\":[\"c\",\"a\"]}\n");
    const auto rating = samples::poll(poll_type::rating);
    EXPECT_EQ(ndjson(rating, samples::rated(rating, 4)),
              "{\"round\":2,\"voter\":17,\"rating\":4}\n");
}

TEST(Export, Cells_are_quoted_and_defused_where_needed) {
    const std::pair<const char*, const char*> table[] = {
        {"plain", "plain"},
        {"", ""},
        {"a,b", "\"a,b\""},
        {"say \"hi\"", "\"say \"\"hi\"\"\""},
        {"two\r\nlines", "\"two\r\nlines\""},
        {"=1+1", "'=1+1"},
        {"+1", "'+1"},
        {"-1", "'-1"},
        {"@sum", "'@sum"},
        {"\tx", "'\tx"},
        {"\r=1", "\"'\r=1\""},
        {"=a,b", "\"'=a,b\""},
        {"a=b", "a=b"},
        {"'quoted'", "'quoted'"},
    };
    for (const auto& [text, cell] : table) {
        std::string out;
        wire::append_csv_cell(out, text);
        EXPECT_EQ(out, cell);
    }
}

TEST(Export, An_option_id_cannot_become_a_formula) {
    auto poll = samples::poll(poll_type::single);
    poll.definition.options[0].id = "-2";
    EXPECT_EQ(csv(poll, samples::chosen(poll, {"-2"})), "round,voter,choice\r\n2,17,'-2\r\n");
}

}  // namespace
