#include <tallycast/domain/poll_round.hpp>

#include <unit/domain/polls.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tallycast::domain {
namespace {

constexpr base::voter_number ann{17};

poll_definition of_one(std::size_t options = 3) {
    return accepted(a_definition(poll_type::single, options));
}

vote_request vote(std::uint64_t bits, std::string_view key = {}) {
    return {ann, {bits}, key.empty() ? tag_of_ballot({bits}) : tag_of_key(key), 1};
}

vote_request withdrawal(std::string_view key = {}) {
    return {ann, {}, key.empty() ? 0 : tag_of_key(key), 1};
}

struct expected {
    vote_request sent;
    verdict what;
    std::uint32_t sequence = 0;
};

struct history {
    std::string name;
    poll_definition definition;
    std::vector<expected> steps;
};

void PrintTo(const history& h, std::ostream* to) { *to << h.name; }

class Ballots_of_one_voter : public testing::TestWithParam<history> {};

TEST_P(Ballots_of_one_voter, Get_the_answers_of_the_contract) {
    poll_round round(GetParam().definition, 1, 0);
    std::uint64_t accepted_ones = 0;
    for (std::size_t i = 0; i < GetParam().steps.size(); ++i) {
        const auto& step = GetParam().steps[i];
        std::optional<applied_vote> applied;
        const auto d = round.cast(step.sent, {}, applied);
        EXPECT_EQ(d.what, step.what) << "step " << i;
        EXPECT_EQ(d.sequence, step.sequence) << "step " << i;
        EXPECT_EQ(d.round, 1u);
        const bool moved = step.what == verdict::counted || step.what == verdict::changed ||
                           step.what == verdict::withdrawn;
        accepted_ones += moved ? 1 : 0;
        EXPECT_EQ(applied.has_value(), moved) << "step " << i;
        EXPECT_EQ(round.version(), accepted_ones) << "step " << i;
        EXPECT_TRUE(balances(round.ledger())) << "step " << i;
        EXPECT_EQ(voters(round.ledger()), round.tally().voters()) << "step " << i;
        EXPECT_EQ(round.recount(), round.tally()) << "step " << i;
    }
}

// The first two ballots of many marks that a small fingerprint cannot tell apart.
template <class Fingerprint>
std::pair<std::uint64_t, std::uint64_t> look_alikes(Fingerprint of) {
    std::unordered_map<decltype(of(ballot{})), std::uint64_t> seen;
    for (std::uint64_t bits = 1;; ++bits)
        if (const auto [at, fresh] = seen.emplace(of(ballot{bits}), bits); !fresh)
            return {at->second, bits};
}

using enum verdict;

std::vector<history> where_ballots_stand() {
    const auto d = of_one();
    return {
        {"Keyless_again",
         d,
         {{vote(1), counted, 1}, {vote(1), replayed, 1}, {vote(1), replayed, 1}}},
        {"Keyless_other",
         d,
         {{vote(1), counted, 1}, {vote(2), already_voted}, {vote(1), replayed, 1}}},
        {"Keyed_again", d, {{vote(1, "k"), counted, 1}, {vote(1, "k"), replayed, 1}}},
        {"Key_reused", d, {{vote(1, "k"), counted, 1}, {vote(2, "k"), key_reused}}},
        {"Other_key_same_ballot", d, {{vote(1, "k"), counted, 1}, {vote(1, "l"), already_voted}}},
        {"Other_key_other_ballot", d, {{vote(1, "k"), counted, 1}, {vote(2, "l"), already_voted}}},
        {"Keyless_after_keyed",
         d,
         {{vote(1, "k"), counted, 1}, {vote(1), replayed, 1}, {vote(2), already_voted}}},
        {"Keyed_after_keyless", d, {{vote(1), counted, 1}, {vote(1, "k"), already_voted}}},
        {"Refused_key_is_not_remembered",
         d,
         {{vote(1, "k"), counted, 1},
          {vote(2, "l"), already_voted},
          {vote(1, "l"), already_voted}}},
        {"Withdrawal", d, {{vote(1), counted, 1}, {withdrawal(), change_not_allowed}}},
        {"Withdrawal_of_nothing", d, {{withdrawal("k"), change_not_allowed}}},
        {"Withdrawal_with_the_ballots_key",
         d,
         {{vote(1, "k"), counted, 1}, {withdrawal("k"), change_not_allowed}}},
    };
}

std::vector<history> where_ballots_change() {
    const auto d = changeable(of_one());
    return {
        {"Changed", d, {{vote(1), counted, 1}, {vote(2), changed, 2}, {vote(3), changed, 3}}},
        {"Replay_of_the_first_moves_nothing",
         d,
         {{vote(1), counted, 1}, {vote(2), changed, 2}, {vote(1), replayed, 1}}},
        {"Back_to_the_first_with_a_new_key",
         d,
         {{vote(1, "a"), counted, 1},
          {vote(2, "b"), changed, 2},
          {vote(1, "c"), changed, 3},
          {vote(1, "a"), replayed, 1},
          {vote(2, "b"), replayed, 2}}},
        {"Same_ballot_with_a_new_key_is_an_action",
         d,
         {{vote(1, "a"), counted, 1}, {vote(1, "b"), changed, 2}, {vote(1, "b"), replayed, 2}}},
        {"Key_reused",
         d,
         {{vote(1, "a"), counted, 1}, {vote(2, "b"), changed, 2}, {vote(2, "a"), key_reused}}},
        {"Ballots_key_reused_to_withdraw",
         d,
         {{vote(1, "a"), counted, 1}, {withdrawal("a"), key_reused}}},
        {"Keyless_is_recognised_back_to_the_withdrawal_only",
         d,
         {{vote(1), counted, 1},
          {withdrawal(), withdrawn, 2},
          {vote(1), counted, 3},
          {vote(1), replayed, 3}}},
        {"Keyless_repeats_the_standing_one_whatever_its_key",
         d,
         {{vote(1, "a"), counted, 1},
          {vote(1), replayed, 1},
          {vote(2, "b"), changed, 2},
          {vote(2), replayed, 2},
          {vote(1), changed, 3}}},
        {"Keyless_after_a_withdrawal_of_the_keyed_is_new",
         d,
         {{vote(1, "a"), counted, 1}, {withdrawal("w"), withdrawn, 2}, {vote(1), counted, 3}}},
        {"Keyed_is_recognised_past_the_withdrawal",
         d,
         {{vote(1, "a"), counted, 1},
          {withdrawal("w"), withdrawn, 2},
          {vote(1, "a"), replayed, 1}}},
        {"Withdrawal_again",
         d,
         {{vote(1), counted, 1}, {withdrawal("w"), withdrawn, 2}, {withdrawal("w"), replayed, 2}}},
        {"Withdrawal_again_after_a_new_ballot",
         d,
         {{vote(1), counted, 1},
          {withdrawal("w"), withdrawn, 2},
          {vote(2), counted, 3},
          {withdrawal("w"), replayed, 2}}},
        {"Withdrawals_key_reused_to_vote",
         d,
         {{vote(1), counted, 1}, {withdrawal("w"), withdrawn, 2}, {vote(1, "w"), key_reused}}},
        {"Keyless_withdrawal_again_finds_nothing",
         d,
         {{vote(1), counted, 1}, {withdrawal(), withdrawn, 2}, {withdrawal(), not_voted}}},
        {"Withdrawal_of_nothing", d, {{withdrawal("w"), not_voted}, {withdrawal(), not_voted}}},
    };
}

// Fingerprints are small; where the ballot itself is at hand it decides.
std::vector<history> where_fingerprints_meet() {
    const auto d = accepted(a_definition(poll_type::multiple, 64));
    const auto [a, b] = look_alikes(body_of);
    const auto [c, e] = look_alikes([](ballot v) { return tag_of_ballot(v) & 0xffffffu; });
    return {
        {"Of_bodies", d, {{vote(a, "k"), counted, 1}, {vote(b, "k"), key_reused}}},
        {"Of_bodies_with_changes",
         changeable(d),
         {{vote(a, "k"), counted, 1}, {vote(b, "k"), key_reused}, {vote(a, "k"), replayed, 1}}},
        {"Of_keyless_tags",
         d,
         {{vote(c), counted, 1}, {vote(e), already_voted}, {vote(c), replayed, 1}}},
    };
}

const auto named = [](const auto& each) { return each.param.name; };
INSTANTIATE_TEST_SUITE_P(Standing, Ballots_of_one_voter, testing::ValuesIn(where_ballots_stand()),
                         named);
INSTANTIATE_TEST_SUITE_P(Changing, Ballots_of_one_voter, testing::ValuesIn(where_ballots_change()),
                         named);
INSTANTIATE_TEST_SUITE_P(Meeting, Ballots_of_one_voter,
                         testing::ValuesIn(where_fingerprints_meet()), named);

decision cast(poll_round& round, const vote_request& request) {
    std::optional<applied_vote> applied;
    return round.cast(request, {}, applied);
}

TEST(Poll_round, Remembers_the_last_eight_actions_and_no_more) {
    poll_round round(changeable(of_one(64)), 1, 0);
    for (std::uint64_t i = 1; i <= remembered_keys + 1; ++i)
        cast(round, vote(i, "key " + std::to_string(i)));
    for (std::uint32_t i = 2; i <= remembered_keys + 1; ++i) {
        const auto again = cast(round, vote(i, "key " + std::to_string(i)));
        EXPECT_EQ(again.what, verdict::replayed) << i;
        EXPECT_EQ(again.sequence, i);
    }
    EXPECT_EQ(cast(round, vote(1, "key 1")).what, verdict::changed) << "forgotten, so it is new";
}

TEST(Poll_round, Refusals_stand_in_the_ledger_under_their_reason) {
    poll_round standing(of_one(), 1, 0);
    cast(standing, vote(1, "k"));
    cast(standing, vote(2, "k"));
    cast(standing, vote(2));
    cast(standing, withdrawal());
    EXPECT_EQ(standing.ledger().of(rejection::invalid), 2u);
    EXPECT_EQ(standing.ledger().of(rejection::already_voted), 1u);
    poll_round changing(changeable(of_one()), 1, 0);
    cast(changing, withdrawal());
    EXPECT_EQ(changing.ledger().of(rejection::invalid), 1u);
    changing.refuse(rejection::late);
    EXPECT_EQ(changing.ledger().received, 2u);
    EXPECT_EQ(changing.ledger().of(rejection::late), 1u);
}

TEST(Poll_round, Refuses_more_actions_of_a_voter_than_can_be_numbered) {
    poll_round round(changeable(of_one()), 1, 0);
    cast(round, vote(1, "a"));
    // Undoing to a record of one's own making is the short way there.
    round.undo({ann, {.vote = {1}, .sequence = max_sequence - 1, .recent = {}}, {1}, 0});
    EXPECT_EQ(cast(round, vote(2, "b")).sequence, max_sequence);
    const auto version = round.version();
    EXPECT_EQ(cast(round, vote(3, "c")).what, verdict::already_voted);
    EXPECT_EQ(cast(round, withdrawal("d")).what, verdict::already_voted);
    EXPECT_EQ(cast(round, vote(2, "b")).what, verdict::replayed);
    EXPECT_EQ(round.version(), version);
    EXPECT_EQ(round.ledger().of(rejection::already_voted), 2u);
}

TEST(Poll_round, Undone_ballot_leaves_no_trace) {
    for (const auto& d : {of_one(), changeable(of_one())}) {
        poll_round round(d, 1, 40);
        const auto before = round.ledger();
        std::optional<applied_vote> applied;
        round.cast(vote(2, "k"), {}, applied);
        ASSERT_TRUE(applied);
        round.undo(*applied);
        round.restore(before, 40);
        EXPECT_EQ(round.sheet().read(ann), sheet_record{});
        EXPECT_EQ(round.tally(), tally(d));
        EXPECT_EQ(cast(round, vote(1, "k")).what, verdict::counted) << "the key was never used";
    }
}

TEST(Poll_round, Action_from_a_log_moves_everything_but_the_ledger) {
    poll_round first(changeable(of_one()), 3, 0);
    poll_round second(changeable(of_one()), 3, 0);
    for (const auto& request : {vote(1, "a"), vote(2), withdrawal("w")}) {
        std::optional<applied_vote> applied;
        first.cast(request, {}, applied);
        ASSERT_TRUE(applied);
        second.apply_again({applied->voter, {}, applied->vote, applied->tag});
    }
    EXPECT_EQ(second.sheet().read(ann), first.sheet().read(ann));
    EXPECT_EQ(second.tally(), first.tally());
    EXPECT_EQ(second.version(), first.version());
    EXPECT_EQ(second.ledger(), ledger{});
    EXPECT_EQ(cast(second, vote(1, "a")).what, verdict::replayed);
}

TEST(Poll_round, Version_goes_on_from_where_it_was_told) {
    poll_round round(of_one(), 2, 100);
    EXPECT_EQ(round.number(), 2u);
    EXPECT_EQ(cast(round, vote(1)).round, 2u);
    EXPECT_EQ(round.version(), 101u);
    round.touch();
    EXPECT_EQ(round.version(), 102u);
}

TEST(Poll_round, Notes_what_was_refused_elsewhere) {
    poll_round round(of_one(), 1, 0);
    ledger elsewhere;
    elsewhere.received = elsewhere.of(rejection::limited) = 4;
    round.note(elsewhere);
    EXPECT_EQ(round.ledger(), elsewhere);
    EXPECT_EQ(round.version(), 0u);
}

base::wall_time at(std::int64_t ms) {
    return std::chrono::sys_days{std::chrono::year{2026} / 1 / 1} + base::milliseconds(ms);
}

class Pace_of_changes : public testing::Test {
protected:
    // Another ballot, with a key of its own.
    decision act(std::int64_t ms) {
        auto request = vote(1 + next_ % 3, "key " + std::to_string(next_));
        ++next_;
        request.pace = pace;
        return round.cast(request, at(ms), applied);
    }

    poll_round round{changeable(of_one()), 1, 0};
    change_pace pace{5, base::milliseconds(200)};
    std::optional<applied_vote> applied;
    unsigned next_ = 0;
};

TEST_F(Pace_of_changes, Lets_through_at_most_so_many_at_will_and_then_one_each_while) {
    std::vector<std::int64_t> passed;
    for (std::int64_t ms = 0; ms < 4000; ms += 7)
        if (act(ms).what != limited) passed.push_back(ms);
    for (std::size_t i = 0; i < passed.size(); ++i)
        for (std::size_t j = i; j < passed.size(); ++j)
            ASSERT_LE(static_cast<std::int64_t>(j - i + 1), 5 + (passed[j] - passed[i]) / 200);
    EXPECT_GE(passed.size(), 5u + 4000 / 207 - 1);
    EXPECT_TRUE(balances(round.ledger()));
    EXPECT_EQ(round.ledger().of(rejection::limited) + passed.size(), round.ledger().received);
}

TEST_F(Pace_of_changes, Says_how_long_to_wait_and_then_it_is_taken) {
    for (int i = 0; i < 5; ++i) EXPECT_NE(act(1000).what, limited);
    EXPECT_EQ(act(1150).retry_after, base::milliseconds(50));
    EXPECT_FALSE(applied);
    EXPECT_EQ(act(1199).what, limited);
    EXPECT_EQ(act(1200).what, changed);
}

TEST_F(Pace_of_changes, Is_no_wait_for_a_clock_that_was_set_back) {
    for (int i = 0; i < 5; ++i) act(3'600'000);
    EXPECT_EQ(act(0).what, changed);
    EXPECT_EQ(act(50).retry_after, base::milliseconds(150)) << "from then on it is known again";
}

TEST_F(Pace_of_changes, Forgets_when_what_came_from_a_log_was_decided) {
    for (int i = 0; i < 5; ++i) act(1000);
    ASSERT_EQ(act(1000).what, limited);
    round.apply_again({ann, {}, {1}, tag_of_key("from a log"), {}});
    EXPECT_EQ(act(1000).what, changed);
    EXPECT_EQ(act(1000).what, limited);
}

TEST_F(Pace_of_changes, Takes_back_the_time_with_the_action) {
    for (int i = 0; i < 5; ++i) act(1000);
    ASSERT_EQ(act(1300).what, changed);
    round.undo(*applied);
    EXPECT_EQ(act(1301).what, changed);
}

}  // namespace
}  // namespace tallycast::domain
