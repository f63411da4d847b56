#include <redis/slice_counts.hpp>

#include <gtest/gtest.h>

#include <vector>

namespace tallycast::redis {
namespace {

TEST(Slice_counts, Snapshot_is_read_whatever_the_order_of_its_fields) {
    const auto c = counts_in("poll 3 2 7 1767300000250 v 12 o2 4 n 9 lc 9 lr 11 l4 2 o0 5");
    ASSERT_TRUE(c);
    EXPECT_EQ(c->poll, base::poll_id("poll"));
    EXPECT_EQ(c->slice, 3u);
    EXPECT_EQ(c->round, 2u);
    EXPECT_EQ(c->revision, 7u);
    EXPECT_EQ(c->at.time_since_epoch().count(), 1'767'300'000'250);
    EXPECT_EQ(c->version, 12u);
    EXPECT_EQ(c->voters, 9u);
    EXPECT_EQ(c->marks, (std::vector<std::uint64_t>{5, 0, 4}));
    EXPECT_EQ(c->ledger.received, 11u);
    EXPECT_EQ(c->ledger.of(domain::rejection::already_voted), 2u);
    EXPECT_TRUE(domain::balances(c->ledger));
}

TEST(Slice_counts, What_is_no_snapshot_is_nothing) {
    for (const auto* text : {"", "poll", "poll 1 1 1", "poll x 1 1 1", "poll 1 1 1 1 v",
                             "poll 1 1 1 1 v -1", "poll 99999999 1 1 1"})
        EXPECT_FALSE(counts_in(text)) << text;
    EXPECT_TRUE(counts_in("poll 1 1 1 1 o99999999999 1 zz 4")) << "of a newer version, or noise";
}

TEST(Slice_counts, Slices_add_up_and_show_as_results) {
    const std::vector<slice_counts> slices{*counts_in("p 0 1 4 10 v 3 n 2 o0 2 lr 2 lc 2"),
                                           *counts_in("p 1 1 4 30 v 5 n 3 o1 3 lr 4 lc 3 l3 1")};
    const auto sum = together(slices);
    EXPECT_EQ(sum.version, 8u);
    EXPECT_EQ(sum.ledger.received, 6u);
    domain::poll_definition d;
    d.options.resize(3);
    const auto shown = results_of(sum, d);
    EXPECT_EQ(shown.tally.per_option(), (std::vector<std::uint64_t>{2, 3, 0}));
    EXPECT_EQ(shown.tally.voters(), 5u);
    EXPECT_EQ(shown.tally.votes(), 5u);
    EXPECT_EQ(shown.at.time_since_epoch().count(), 30);
}

}  // namespace
}  // namespace tallycast::redis
