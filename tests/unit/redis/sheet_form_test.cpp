#include <redis/sheet_form.hpp>

#include <gtest/gtest.h>

#include <string>

namespace tallycast::redis {
namespace {

using domain::poll_type;

domain::poll_definition a_definition(poll_type type, std::size_t options, bool change) {
    domain::poll_definition d;
    d.type = type;
    d.options.resize(options);
    d.rules.allow_change = change;
    d.rules.max_choices = static_cast<std::uint8_t>(options);
    if (type == poll_type::rating) d.rules.scale = domain::max_scale;
    return d;
}

TEST(Sheet_form, Single_choice_that_stands_takes_two_bytes) {
    for (const std::size_t options : {2u, 7u, 63u, 64u}) {
        const auto form = form_of(a_definition(poll_type::single, options, false));
        EXPECT_EQ(form.bytes, 2u);
        EXPECT_LE(form.bits, 7u);
        EXPECT_GE(1u << form.bits, options + 1);
    }
    EXPECT_EQ(form_of(a_definition(poll_type::rating, 0, false)).bytes, 2u);
}

TEST(Sheet_form, No_record_is_larger_than_64_bytes) {
    EXPECT_EQ(form_of(a_definition(poll_type::multiple, 64, true)).bytes, 64u);
    EXPECT_EQ(form_of(a_definition(poll_type::single, 3, true)).bytes, 57u);
    EXPECT_LE(form_of(a_definition(poll_type::ranking, 12, true)).bytes, 64u);
    EXPECT_EQ(form_of(a_definition(poll_type::multiple, 64, false)).bytes, 10u);
    EXPECT_EQ(form_of(a_definition(poll_type::multiple, 8, false)).bytes, 3u);
}

// In network order: a tag above, the ballot in the low bits.
TEST(Sheet_form, Reads_a_standing_record_as_a_number) {
    const auto form = form_of(a_definition(poll_type::single, 7, false));  // 3 bits of ballot
    const auto kept = ballot_in(form, std::string("\xff\xfd", 2));
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->vote.bits, 5u);
    EXPECT_EQ(kept->sequence, 1u);
    EXPECT_FALSE(ballot_in(form, std::string("\0\0", 2))) << "nobody voted";
    EXPECT_FALSE(ballot_in(form, std::string("\xff", 1))) << "past the end of the sheet";
}

TEST(Sheet_form, Reads_a_changeable_record_and_not_a_withdrawn_one) {
    const auto form = form_of(a_definition(poll_type::single, 3, true));
    std::string record(form.bytes, '\0');
    record[1] = 4;  // the sequence of a withdrawal
    EXPECT_FALSE(ballot_in(form, record));
    record[0] = 2;
    const auto kept = ballot_in(form, record);
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->vote.bits, 2u);
    EXPECT_EQ(kept->sequence, 4u);
}

}  // namespace
}  // namespace tallycast::redis
