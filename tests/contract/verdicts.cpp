// What becomes of one ballot: each verdict of the port, replays and withdrawals, and where the
// ledger puts them.

#include <contract/stores.hpp>

namespace tallycast::test {

namespace {

using domain::transition;
using domain::verdict;

class ballots_of_a_store : public store_contract {};

INSTANTIATE_TEST_SUITE_P(stores, ballots_of_a_store, ::testing::ValuesIn(store_kinds()),
                         [](const auto& kind) { return kind.param.name; });

TEST_P(ballots_of_a_store, First_ballot_is_counted_with_the_stores_time) {
    open(a_poll());
    clock().advance(base::milliseconds(250));
    const auto d = cast_one(a_vote(1, 2));
    EXPECT_EQ(d.what, verdict::counted);
    EXPECT_EQ(d.round, 1u);
    EXPECT_EQ(d.at, clock().wall());
    const auto shown = results();
    EXPECT_EQ(shown.tally.per_option(), (std::vector<std::uint64_t>{0, 1, 0}));
    EXPECT_EQ(shown.tally.voters(), 1u);
    EXPECT_FALSE(shown.final);
    EXPECT_EQ(ledger().counted, 1u);
}

TEST_P(ballots_of_a_store, Order_in_a_group_is_the_order_of_decision) {
    open(a_poll());
    const auto d = cast({a_vote(1, 1), a_vote(1, 2), a_vote(2, 2), a_vote(1, 1)});
    ASSERT_EQ(d.size(), 4u);
    EXPECT_EQ(d[0].what, verdict::counted);
    EXPECT_EQ(d[1].what, verdict::already_voted);
    EXPECT_EQ(d[2].what, verdict::counted);
    EXPECT_EQ(d[3].what, verdict::replayed);
    EXPECT_EQ(d[3].sequence, d[0].sequence);
    expect_balance();
}

TEST_P(ballots_of_a_store, Same_key_with_another_ballot_is_refused_and_nothing_moves) {
    open(a_changeable_poll());
    cast_one(a_vote(1, 1, "k"));
    const auto before = results();
    EXPECT_EQ(cast_one(a_vote(1, 2, "k")).what, verdict::key_reused);
    EXPECT_EQ(results().tally, before.tally);
    EXPECT_EQ(results().version, before.version);
    expect_balance();
}

TEST_P(ballots_of_a_store, Standing_ballot_without_its_key_is_a_replay) {
    open(a_poll());
    const auto first = cast_one(a_vote(1, 1, "k"));
    const auto again = cast_one(a_vote(1, 1));
    EXPECT_EQ(again.what, verdict::replayed);
    EXPECT_EQ(again.sequence, first.sequence);
    EXPECT_EQ(results().tally.voters(), 1u);
    expect_balance();
}

TEST_P(ballots_of_a_store, Standing_ballot_that_may_change_is_a_replay_without_its_key) {
    open(a_changeable_poll());
    cast_one(a_vote(1, 2, "j"));
    const auto second = cast_one(a_vote(1, 1, "k"));
    const auto again = cast_one(a_vote(1, 1));
    EXPECT_EQ(again.what, verdict::replayed);
    EXPECT_EQ(again.sequence, second.sequence);
    EXPECT_EQ(cast_one(a_vote(1, 2)).what, verdict::changed);
    expect_balance();
}

TEST_P(ballots_of_a_store, Voter_who_changes_too_often_is_told_when_to_come_again) {
    open(a_changeable_poll());
    const auto paced = [](domain::vote_request vote) {
        vote.pace = {2, base::milliseconds(1000)};
        return vote;
    };
    const auto first = cast({paced(a_vote(1, 1, "a")), paced(a_vote(1, 2, "b"))});
    EXPECT_EQ(first[0].what, verdict::counted);
    EXPECT_EQ(first[1].what, verdict::changed);
    clock().advance(base::milliseconds(400));
    const auto before = results();
    const auto group =
        cast({paced(a_vote(1, 3, "c")), paced(a_withdrawal(1)), paced(a_vote(1, 2, "b")),
              paced(a_vote(2, 3)), paced(a_vote(1, 3, "c"))});
    for (const auto i : {0u, 1u, 4u}) {
        EXPECT_EQ(group[i].what, verdict::limited) << i;
        EXPECT_EQ(group[i].retry_after, base::milliseconds(600)) << i;
        EXPECT_EQ(group[i].sequence, 0u) << i;
    }
    EXPECT_EQ(group[2].what, verdict::replayed) << "moves nothing, and is not limited";
    EXPECT_EQ(group[3].what, verdict::counted) << "another voter";
    EXPECT_EQ(results().version, before.version + 1);
    EXPECT_EQ(ledger().of(domain::rejection::limited), 3u);
    clock().advance(base::milliseconds(600));
    EXPECT_EQ(cast_one(paced(a_vote(1, 3, "c"))).what, verdict::changed) << "with the same key";
    EXPECT_EQ(cast_one(paced(a_vote(1, 1, "d"))).retry_after, base::milliseconds(1000));
    EXPECT_EQ(cast_one(a_vote(1, 1, "d")).what, verdict::changed) << "nobody limits it";
    expect_balance();
}

TEST_P(ballots_of_a_store, Ballots_that_stand_know_no_pace) {
    open(a_poll());
    auto vote = a_vote(1, 1, "a");
    vote.pace = {1, base::milliseconds(1000)};
    EXPECT_EQ(cast_one(vote).what, verdict::counted);
    EXPECT_EQ(cast_one(vote).what, verdict::replayed);
    vote.vote = {2};
    vote.tag = domain::tag_of_key("b");
    EXPECT_EQ(cast_one(vote).what, verdict::already_voted);
    expect_balance();
}

TEST_P(ballots_of_a_store, Changed_ballot_moves_one_vote_and_keeps_the_voters) {
    open(a_changeable_poll());
    cast_one(a_vote(1, 1));
    EXPECT_EQ(cast_one(a_vote(1, 3)).what, verdict::changed);
    const auto shown = results();
    EXPECT_EQ(shown.tally.per_option(), (std::vector<std::uint64_t>{0, 0, 1}));
    EXPECT_EQ(shown.tally.voters(), 1u);
    EXPECT_EQ(ledger().changed, 1u);
    expect_balance();
}

TEST_P(ballots_of_a_store, Replay_moves_nothing_in_any_order_and_after_a_later_change) {
    open(a_changeable_poll());
    const std::vector<domain::vote_request> sent{a_vote(1, 1, "one"), a_vote(1, 2, "two"),
                                                 a_vote(1, 3, "three")};
    const auto first = cast(sent);
    const auto before = results();
    for (const std::size_t i : {0u, 2u, 1u, 0u, 1u}) {
        const auto again = cast_one(sent[i]);
        EXPECT_EQ(again.what, verdict::replayed);
        EXPECT_EQ(again.sequence, first[i].sequence);
        EXPECT_EQ(again.round, first[i].round);
    }
    EXPECT_EQ(results().tally, before.tally);
    EXPECT_EQ(results().version, before.version);
    EXPECT_EQ(ledger().replayed, 5u);
    expect_balance();
}

TEST_P(ballots_of_a_store, Withdrawn_ballot_leaves_the_count_and_may_be_given_again) {
    open(a_changeable_poll());
    cast({a_vote(1, 1), a_vote(2, 1)});
    EXPECT_EQ(cast_one(a_withdrawal(1)).what, verdict::withdrawn);
    EXPECT_EQ(results().tally.voters(), 1u);
    const auto mine = answer_of(votes().ballot_of(the_poll, base::voter_number{1}));
    ASSERT_FALSE(mine);
    EXPECT_EQ(mine.error().code, base::errc::not_voted);
    EXPECT_EQ(cast_one(a_withdrawal(1, "another")).what, verdict::not_voted);
    EXPECT_EQ(cast_one(a_withdrawal(1)).what, verdict::replayed);
    EXPECT_EQ(cast_one(a_vote(1, 1)).what, verdict::counted);
    EXPECT_EQ(results().tally.per_option(), (std::vector<std::uint64_t>{2, 0, 0}));
    expect_balance();
}

TEST_P(ballots_of_a_store, Ballot_that_stands_cannot_be_withdrawn) {
    open(a_poll());
    cast_one(a_vote(1, 1));
    EXPECT_EQ(cast_one(a_withdrawal(1)).what, verdict::change_not_allowed);
    EXPECT_EQ(results().tally.voters(), 1u);
    expect_balance();
}

TEST_P(ballots_of_a_store, Draft_is_not_open) {
    add(a_poll());
    EXPECT_EQ(cast_one(a_vote(1, 1)).what, verdict::not_open);
    EXPECT_EQ(ledger().of(domain::rejection::not_open), 1u);
    expect_balance();
}

TEST_P(ballots_of_a_store, Paused_poll_refuses_until_it_is_open_again) {
    open(a_poll());
    ASSERT_TRUE(move(transition::pause));
    EXPECT_EQ(cast_one(a_vote(1, 1)).what, verdict::paused);
    EXPECT_EQ(ledger().of(domain::rejection::not_open), 1u);
    ASSERT_TRUE(move(transition::open));
    EXPECT_EQ(cast_one(a_vote(1, 1)).what, verdict::counted);
    expect_balance();
}

TEST_P(ballots_of_a_store, Closed_poll_refuses_votes_and_says_since_when) {
    open(a_poll());
    clock().advance(base::milliseconds(5));
    const auto closed = move(transition::close);
    ASSERT_TRUE(closed);
    clock().advance(base::milliseconds(5));
    const auto d = cast_one(a_vote(1, 1));
    EXPECT_EQ(d.what, verdict::closed);
    EXPECT_EQ(d.closed_at, closed->closed_at);
    EXPECT_EQ(ledger().of(domain::rejection::late), 1u);
    expect_balance();
}

TEST_P(ballots_of_a_store, Retry_after_the_close_gets_the_answer_it_had) {
    open(a_poll());
    const auto first = cast_one(a_vote(1, 1));
    ASSERT_TRUE(move(transition::close));
    const auto before = results();
    const auto again = cast_one(a_vote(1, 1));
    EXPECT_EQ(again.what, verdict::replayed);
    EXPECT_EQ(again.sequence, first.sequence);
    EXPECT_EQ(cast_one(a_vote(1, 2)).what, verdict::closed);
    EXPECT_EQ(results().tally, before.tally);
    EXPECT_EQ(results().version, before.version);
    expect_balance();
}

TEST_P(ballots_of_a_store, Ballot_of_an_earlier_definition_is_stale_and_not_in_the_ledger) {
    const auto before = open(a_poll());
    ports::poll_patch patch;
    patch.options = std::vector<domain::option>{{"b", "Red"}, {"a", "Blue"}};
    const auto after = answer_of(polls().change_poll(the_poll, patch));
    ASSERT_TRUE(after) << after.error().detail;
    EXPECT_EQ(cast_one(a_vote(1, 1, {}, before.revision)).what, verdict::stale);
    EXPECT_EQ(ledger().received, 0u);
    EXPECT_EQ(cast_one(a_vote(1, 1, {}, after->revision)).what, verdict::counted);
    expect_balance();
}

TEST_P(ballots_of_a_store, Change_of_texts_makes_no_ballot_stale) {
    const auto before = open(a_poll());
    cast_one(a_vote(1, 1));
    ports::poll_patch patch;
    patch.question = "Which act was best?";
    ASSERT_TRUE(answer_of(polls().change_poll(the_poll, patch)));
    EXPECT_EQ(cast_one(a_vote(2, 1, {}, before.revision)).what, verdict::counted);
    EXPECT_EQ(results().definition.question, "Which act was best?");
}

TEST_P(ballots_of_a_store, Unknown_poll_is_a_decision) {
    EXPECT_EQ(cast_one(a_vote(1, 1), "nowhere").what, verdict::not_found);
}

TEST_P(ballots_of_a_store, Nobody_and_numbers_never_given_do_not_vote) {
    open(a_poll());
    EXPECT_EQ(cast_one(a_vote(0, 1)).what, verdict::not_found);
    EXPECT_EQ(cast_one(a_vote(~std::uint64_t{0}, 1)).what, verdict::not_found);
    EXPECT_EQ(results().tally.voters(), 0u);
}

TEST_P(ballots_of_a_store, Group_past_the_limit_is_refused_whole) {
    open(a_poll());
    std::vector<domain::vote_request> many;
    for (std::uint64_t voter = 1; voter <= 257; ++voter) many.push_back(a_vote(voter, 1));
    const auto refused = answer_of(votes().cast({the_poll, many}));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, base::errc::invalid_request);
    EXPECT_EQ(results().tally.voters(), 0u);
}

TEST_P(ballots_of_a_store, Own_ballot_is_found_in_the_current_round_only) {
    open(a_poll());
    const auto d = cast_one(a_vote(7, 2));
    const auto mine = answer_of(votes().ballot_of(the_poll, base::voter_number{7}));
    ASSERT_TRUE(mine);
    EXPECT_EQ(mine->vote, domain::ballot{2});
    EXPECT_EQ(mine->sequence, d.sequence);
    ASSERT_TRUE(move(transition::reset));
    EXPECT_EQ(answer_of(votes().ballot_of(the_poll, base::voter_number{7})).error().code,
              base::errc::not_voted);
    EXPECT_EQ(
        answer_of(votes().ballot_of(base::poll_id("nowhere"), base::voter_number{7})).error().code,
        base::errc::poll_not_found);
}

TEST_P(ballots_of_a_store, Ballots_come_page_after_page_ascending) {
    open(a_changeable_poll());
    cast({a_vote(9, 1), a_vote(3, 2), a_vote(5000, 3), a_vote(4, 1), a_vote(8, 1)});
    cast_one(a_withdrawal(4));
    std::vector<std::uint64_t> seen;
    base::voter_number after;
    for (int pages = 0; pages < 10; ++pages) {
        const auto page = answer_of(votes().ballots(the_poll, 1, after, 2));
        ASSERT_TRUE(page);
        ASSERT_LE(page->ballots.size(), 2u);
        for (const auto& b : page->ballots) seen.push_back(b.voter.value);
        if (!page->more) break;
        after = page->ballots.back().voter;
    }
    EXPECT_EQ(seen, (std::vector<std::uint64_t>{3, 8, 9, 5000}));
}

TEST_P(ballots_of_a_store, Refusals_noted_elsewhere_join_the_ledger) {
    open(a_poll());
    cast_one(a_vote(1, 1));
    domain::ledger elsewhere;
    elsewhere.received = 3;
    elsewhere.of(domain::rejection::invalid) = 2;
    elsewhere.of(domain::rejection::limited) = 1;
    ASSERT_TRUE(answer_of(votes().note_refused(the_poll, elsewhere)));
    ASSERT_TRUE(answer_of(votes().note_refused(base::poll_id("nowhere"), elsewhere)));
    EXPECT_EQ(ledger().received, 4u);
    EXPECT_EQ(ledger().of(domain::rejection::invalid), 2u);
    expect_balance();
}

TEST_P(ballots_of_a_store, Everything_fails_after_stop) {
    open(a_poll());
    store_->stop();
    EXPECT_EQ(answer_of(votes().cast({the_poll, {a_vote(1, 1)}})).error().code,
              base::errc::shutting_down);
    EXPECT_EQ(answer_of(votes().results(the_poll, 0)).error().code, base::errc::shutting_down);
    EXPECT_EQ(answer_of(polls().remove_poll(the_poll)).error().code, base::errc::shutting_down);
}

}  // namespace

}  // namespace tallycast::test
