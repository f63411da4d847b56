#include <tallycast/domain/poll.hpp>

#include <unit/domain/polls.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace tallycast::domain {
namespace {

using base::errc;
using base::milliseconds;
using base::wall_time;

using change = std::function<void(poll_definition&)>;

struct refusal {
    std::string name;
    poll_type type;
    change spoil;
    std::string field;  // what the detail must begin with
};

void PrintTo(const refusal& r, std::ostream* to) { *to << r.name; }

class Definition_refused : public testing::TestWithParam<refusal> {};

TEST_P(Definition_refused, Names_the_field) {
    auto d = a_definition(GetParam().type, 4);
    ASSERT_TRUE(checked(d)) << "it is right before it is spoilt";
    GetParam().spoil(d);
    const auto refused = checked(d);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::invalid_request);
    EXPECT_EQ(refused.error().detail.rfind(GetParam().field, 0), 0u) << refused.error().detail;
}

std::string times(std::size_t n, std::string_view text) {
    std::string all;
    for (std::size_t i = 0; i < n; ++i) all += text;
    return all;
}

void set_options(poll_definition& d, std::size_t count) {
    d.options = a_definition(poll_type::single, count).options;
}

constexpr auto single = poll_type::single;
constexpr auto multiple = poll_type::multiple;
constexpr auto rating = poll_type::rating;
constexpr auto ranking = poll_type::ranking;

using d_t = poll_definition&;

INSTANTIATE_TEST_SUITE_P(
    Texts, Definition_refused,
    testing::ValuesIn(std::vector<refusal>{
        {"No_question", single, [](d_t d) { d.question = ""; }, "question"},
        {"Blank_question", rating, [](d_t d) { d.question = " \t "; }, "question"},
        {"Question_of_501", rating, [](d_t d) { d.question = times(501, "é"); }, "question"},
        {"Question_of_2001_bytes", rating, [](d_t d) { d.question = times(2001, "\x80"); },
         "question"},
        {"Empty_label", single, [](d_t d) { d.options[3].label = ""; },
         "options[3].label is empty"},
        {"Blank_label", ranking, [](d_t d) { d.options[1].label = "  "; }, "options[1].label"},
        {"Label_of_501", multiple, [](d_t d) { d.options[2].label = times(501, "x"); },
         "options[2].label"},
        {"Same_label", single, [](d_t d) { d.options[2].label = "Act 1"; }, "options[2].label"},
        {"Same_label_in_capitals", single, [](d_t d) { d.options[2].label = "ACT 1"; },
         "options[2].label"},
        {"Same_label_with_spaces", single, [](d_t d) { d.options[2].label = "  act 1 "; },
         "options[2].label"},
        {"Same_label_with_a_tab", single, [](d_t d) { d.options[2].label = "\tAct 1\t"; },
         "options[2].label"},
    }),
    [](const auto& each) { return each.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Options, Definition_refused,
    testing::ValuesIn(std::vector<refusal>{
        {"None", single, [](d_t d) { d.options.clear(); }, "options"},
        {"Only_one", multiple, [](d_t d) { set_options(d, 1); }, "options"},
        {"Sixty_five", single, [](d_t d) { set_options(d, 65); }, "options"},
        {"Thirteen_to_rank", ranking, [](d_t d) { set_options(d, 13); }, "options"},
        {"Any_for_a_rating", rating, [](d_t d) { set_options(d, 2); }, "options"},
        {"Same_id", single, [](d_t d) { d.options[0].id = d.options[1].id = "x"; },
         "options[1].id"},
        {"Id_with_a_space", single, [](d_t d) { d.options[1].id = "a b"; }, "options[1].id"},
        {"Id_with_a_slash", single, [](d_t d) { d.options[0].id = "a/b"; }, "options[0].id"},
        {"Id_with_an_umlaut", single, [](d_t d) { d.options[0].id = "ä"; }, "options[0].id"},
        {"Id_of_33", single, [](d_t d) { d.options[0].id = times(33, "a"); }, "options[0].id"},
    }),
    [](const auto& each) { return each.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Rules, Definition_refused,
    testing::ValuesIn(std::vector<refusal>{
        {"Two_of_a_single", single, [](d_t d) { d.rules.max_choices = 2; }, "rules"},
        {"At_least_two_of_a_single", single, [](d_t d) { d.rules.min_choices = 2; }, "rules"},
        {"Two_of_a_rating", rating, [](d_t d) { d.rules.max_choices = 2; }, "rules"},
        {"More_than_there_are", multiple, [](d_t d) { d.rules.max_choices = 5; },
         "rules.max_choices"},
        {"More_ranks_than_options", ranking, [](d_t d) { d.rules.max_choices = 5; },
         "rules.max_choices"},
        {"Least_above_most", multiple,
         [](d_t d) { d.rules.min_choices = 3, d.rules.max_choices = 2; }, "rules.min_choices"},
        {"Least_above_all", ranking, [](d_t d) { d.rules.min_choices = 5; }, "rules.min_choices"},
        {"Scale_of_a_single", single, [](d_t d) { d.rules.scale = 5; }, "rules.scale"},
        {"Scale_of_a_ranking", ranking, [](d_t d) { d.rules.scale = 5; }, "rules.scale"},
        {"Scale_of_0", rating, [](d_t d) { d.rules.scale = 0; }, "rules.scale"},
        {"Scale_of_1", rating, [](d_t d) { d.rules.scale = 1; }, "rules.scale"},
        {"Scale_of_11", rating, [](d_t d) { d.rules.scale = 11; }, "rules.scale"},
    }),
    [](const auto& each) { return each.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Times, Definition_refused,
    testing::ValuesIn(std::vector<refusal>{
        {"Grace_below_zero", single, [](d_t d) { d.grace = milliseconds{-1}; }, "grace_ms"},
        {"Grace_above_ten_seconds", single, [](d_t d) { d.grace = milliseconds{10'001}; },
         "grace_ms"},
        {"Closing_as_it_opens", single,
         [](d_t d) { d.opens_at = d.closes_at = wall_time{milliseconds{5}}; }, "closes_at"},
        {"Closing_before_it_opens", rating,
         [](d_t d) {
             d.opens_at = wall_time{milliseconds{5}};
             d.closes_at = wall_time{milliseconds{4}};
         },
         "closes_at"},
    }),
    [](const auto& each) { return each.param.name; });

TEST(Definition, Fills_in_what_was_left_out) {
    struct filled {
        poll_type type;
        std::uint8_t most;
        std::optional<std::uint8_t> scale;
    };
    for (const auto& want : {filled{single, 1, {}}, filled{multiple, 4, {}}, filled{rating, 1, 5},
                             filled{ranking, 4, {}}}) {
        const auto d = accepted(a_definition(want.type, 4));
        EXPECT_EQ(d.rules.min_choices, 1) << name(want.type);
        EXPECT_EQ(d.rules.max_choices, want.most) << name(want.type);
        EXPECT_EQ(d.rules.scale, want.scale) << name(want.type);
    }
}

TEST(Definition, Keeps_what_the_host_said) {
    auto d = a_definition(multiple, 4);
    d.rules = {.min_choices = 1, .max_choices = 1, .allow_change = true, .scale = {}};
    d.grace = max_grace;
    d.closes_at = wall_time{milliseconds{5}};
    d.results = visibility::after_close;
    for (std::size_t i = 0; i < 4; ++i)
        d.options[i].id = std::string(32, static_cast<char>('w' + i));
    EXPECT_EQ(accepted(d), d);
}

TEST(Definition, Checked_twice_is_the_same) {
    for (const auto type : {single, multiple, rating, ranking}) {
        const auto once = accepted(a_definition(type, 12));
        EXPECT_EQ(accepted(once), once);
    }
}

TEST(Definition, Takes_everything_up_to_its_limits) {
    auto d = a_definition(multiple, max_options);
    d.question = times(500, "🙂");
    d.options[7].label = times(500, "字");
    EXPECT_TRUE(checked(d));
    EXPECT_TRUE(checked(a_definition(ranking, max_ranking_options)));
    EXPECT_TRUE(checked(a_definition(single, 2)));
    for (std::uint8_t scale = 2; scale <= max_scale; ++scale)
        EXPECT_EQ(rated_to(scale).rules.scale, scale);
}

TEST(Definition, Option_ids_go_from_a_to_z_and_then_on) {
    const auto d = accepted(a_definition(multiple, max_options));
    EXPECT_EQ(d.options[0].id, "a");
    EXPECT_EQ(d.options[25].id, "z");
    EXPECT_EQ(d.options[26].id, "a1");
    EXPECT_EQ(d.options[51].id, "z1");
    EXPECT_EQ(d.options[52].id, "a2");
    std::set<std::string> all;
    for (const auto& o : d.options) all.insert(o.id);
    EXPECT_EQ(all.size(), max_options);
}

TEST(Definition, Filled_option_ids_keep_clear_of_given_ones) {
    auto d = a_definition(single, 5);
    d.options[1].id = "a";
    d.options[4].id = "c";
    const auto full = accepted(d);
    std::vector<std::string> ids;
    for (const auto& o : full.options) ids.push_back(o.id);
    EXPECT_EQ(ids, (std::vector<std::string>{"b", "a", "d", "e", "c"}));
}

struct alteration {
    std::string name;
    bool changes;
    change alter;
};

TEST(Definition, Knows_which_changes_ballots_would_notice) {
    const std::vector<alteration> cases{
        {"nothing", false, [](d_t) {}},
        {"question", false, [](d_t d) { d.question = "Worst act?"; }},
        {"label", true, [](d_t d) { d.options[0].label = "Another act"; }},
        {"visibility", false, [](d_t d) { d.results = visibility::never; }},
        {"times", false, [](d_t d) { d.closes_at = wall_time{}, d.grace = max_grace; }},
        {"type", true, [](d_t d) { d.type = ranking; }},
        {"option id", true, [](d_t d) { d.options[0].id = "other"; }},
        {"order of options", true, [](d_t d) { std::swap(d.options[0], d.options[1]); }},
        {"one option less", true, [](d_t d) { d.options.pop_back(); }},
        {"min_choices", true, [](d_t d) { d.rules.min_choices = 2; }},
        {"max_choices", true, [](d_t d) { d.rules.max_choices = 2; }},
        {"allow_change", true, [](d_t d) { d.rules.allow_change = true; }},
        {"scale", true, [](d_t d) { d.rules.scale = 4; }},
    };
    const auto before = accepted(a_definition(multiple, 4));
    for (const auto& c : cases) {
        auto after = before;
        c.alter(after);
        EXPECT_EQ(changes_ballots(before, after), c.changes) << c.name;
        EXPECT_EQ(changes_ballots(after, before), c.changes) << c.name << ", back";
    }
}

TEST(Names, Of_types_and_visibilities_are_read_back) {
    for (const auto type : {single, multiple, rating, ranking})
        EXPECT_EQ(poll_type_of(name(type)), type);
    for (const auto v :
         {visibility::always, visibility::after_vote, visibility::after_close, visibility::never})
        EXPECT_EQ(visibility_of(name(v)), v);
    EXPECT_EQ(name(visibility::after_vote), "after_vote");
    EXPECT_EQ(poll_type_of("Single"), std::nullopt);
    EXPECT_EQ(poll_type_of(""), std::nullopt);
    EXPECT_EQ(visibility_of("sometimes"), std::nullopt);
}

TEST(Names, Of_statuses_are_those_of_the_wire) {
    EXPECT_EQ(name(poll_status::draft), "draft");
    EXPECT_EQ(name(poll_status::open), "open");
    EXPECT_EQ(name(poll_status::paused), "paused");
    EXPECT_EQ(name(poll_status::closed), "closed");
    EXPECT_EQ(name(poll_status::archived), "archived");
}

// Nodes give numbers out of blocks of their own, and not everybody who has one votes.
TEST(Slices, Have_within_ten_percent_the_same_of_a_million_voters) {
    std::mt19937 dice(7);
    std::bernoulli_distribution votes(0.7);
    for (const std::uint16_t slices : {1, 3, 4, 6, 16, 64}) {
        std::vector<double> voters(slices);
        double all = 0;
        for (std::uint64_t number = 1; number <= 1'000'000; ++number) {
            if (!votes(dice)) continue;
            ++voters[slice_of({number}, slices)];
            ++all;
        }
        const auto [fewest, most] = std::ranges::minmax(voters);
        EXPECT_GT(fewest, 0.9 * all / slices) << slices;
        EXPECT_LT(most, 1.1 * all / slices) << slices;
    }
}

}  // namespace
}  // namespace tallycast::domain
