#include <tallycast/load/ballot_book.hpp>

#include <gtest/gtest.h>

namespace tallycast::load {
namespace {

class ballot_book_of_two : public ::testing::Test {
protected:
    ballot_book_of_two() {
        book.voters.resize(2);
        ballot one;
        one.choice = 2;
        first = book.add(one);
        one.voter = 1;
        second = book.add(one);
    }
    std::uint32_t change_of_first() {
        ballot change = book.at(first);
        change.is_change = true;
        change.choice = 3;
        return book.add(change);
    }
    ballot_book book;
    std::uint32_t first = 0;
    std::uint32_t second = 0;
};

TEST_F(ballot_book_of_two, A_ballot_sent_without_an_answer_is_unknown_and_not_refused) {
    book.sent(first);
    const auto totals = book.totals();
    EXPECT_EQ(totals.sent, 1u);
    EXPECT_EQ(totals.unknown, 1u);
    EXPECT_EQ(totals.unsent, 1u);
    EXPECT_EQ(totals.refused, 0u);
    EXPECT_FALSE(book.settled(first));
}

TEST_F(ballot_book_of_two, A_replay_with_the_same_receipt_changes_nothing) {
    book.sent(first);
    book.acknowledged(first, "counted", "r1");
    book.sent(first);
    book.acknowledged(first, "replayed", "r1");
    const auto totals = book.totals();
    EXPECT_EQ(totals.acknowledged, 1u);
    EXPECT_EQ(totals.replayed_answers, 1u);
    EXPECT_EQ(totals.receipt_mismatches, 0u);
    EXPECT_EQ(totals.counted_twice, 0u);
}

TEST_F(ballot_book_of_two, A_replay_may_be_the_first_answer_that_arrives) {
    book.sent(first);
    book.acknowledged(first, "replayed", "r1");
    EXPECT_EQ(book.totals().acknowledged, 1u);
    EXPECT_EQ(book.totals().receipt_mismatches, 0u);
}

TEST_F(ballot_book_of_two, Another_receipt_for_the_same_ballot_is_a_mismatch) {
    book.sent(first);
    book.acknowledged(first, "counted", "r1");
    book.acknowledged(first, "replayed", "r2");
    EXPECT_EQ(book.totals().receipt_mismatches, 1u);
}

TEST_F(ballot_book_of_two, An_answer_without_a_receipt_is_a_mismatch) {
    book.sent(first);
    book.acknowledged(first, "counted", "");
    EXPECT_EQ(book.totals().receipt_mismatches, 1u);
}

TEST_F(ballot_book_of_two, Counted_said_twice_for_one_ballot_is_noticed) {
    book.sent(first);
    book.acknowledged(first, "counted", "r1");
    book.acknowledged(first, "counted", "r1");
    EXPECT_EQ(book.totals().counted_twice, 1u);
}

TEST_F(ballot_book_of_two,
       A_refusal_after_an_acknowledgement_is_a_contradiction_and_the_ballot_stays_acknowledged) {
    book.sent(first);
    book.acknowledged(first, "counted", "r1");
    book.refused(first, "already_voted");
    EXPECT_EQ(book.totals().contradictions, 1u);
    EXPECT_EQ(book.totals().acknowledged, 1u);
    EXPECT_EQ(book.totals().refused, 0u);
}

TEST_F(ballot_book_of_two, Refusals_are_kept_by_code) {
    book.sent(first);
    book.sent(second);
    book.refused(first, "poll_closed");
    book.refused(second, "poll_closed");
    EXPECT_EQ(book.totals().refused, 2u);
    EXPECT_EQ(book.refusals().at("poll_closed"), 2u);
    EXPECT_TRUE(book.settled(first));
}

TEST_F(ballot_book_of_two, A_status_of_no_contract_is_strange) {
    book.sent(first);
    book.acknowledged(first, "maybe", "r1");
    EXPECT_EQ(book.totals().strange_answers, 1u);
}

TEST_F(ballot_book_of_two, The_last_acknowledged_ballot_of_a_voter_stands) {
    const auto change = change_of_first();
    book.sent(first);
    book.acknowledged(first, "counted", "r1");
    EXPECT_EQ(book.standing_choices()[0], std::uint8_t{2});
    book.sent(change);
    EXPECT_EQ(book.standing_choices()[0], std::uint8_t{2});
    book.acknowledged(change, "changed", "r2");
    book.acknowledged(first, "replayed", "r1");
    EXPECT_EQ(book.standing_choices()[0], std::uint8_t{3});
    EXPECT_FALSE(book.standing_choices()[1].has_value());
}

}  // namespace
}  // namespace tallycast::load
