#include <tallycast/domain/ledger.hpp>

#include <gtest/gtest.h>

#include <cstdint>

namespace tallycast::domain {
namespace {

ledger one_of_each() {
    ledger l{
        .received = 0, .counted = 5, .changed = 2, .replayed = 3, .withdrawn = 1, .rejected = {}};
    for (std::size_t i = 0; i < rejection_kinds; ++i) l.rejected[i] = i + 1;
    l.received = 5 + 2 + 3 + 1 + 36;
    return l;
}

TEST(Ledger, Balances_when_every_ballot_has_one_outcome) {
    EXPECT_TRUE(balances(ledger{}));
    EXPECT_TRUE(balances(one_of_each()));
}

TEST(Ledger, Any_number_off_by_one_breaks_the_balance) {
    for (auto field : {&ledger::received, &ledger::counted, &ledger::changed, &ledger::replayed,
                       &ledger::withdrawn}) {
        auto l = one_of_each();
        ++(l.*field);
        EXPECT_FALSE(balances(l));
    }
    for (std::size_t i = 0; i < rejection_kinds; ++i) {
        auto l = one_of_each();
        ++l.of(static_cast<rejection>(i));
        EXPECT_FALSE(balances(l)) << i;
    }
}

TEST(Ledger, Voters_are_those_counted_and_not_withdrawn) { EXPECT_EQ(voters(one_of_each()), 4u); }

TEST(Ledger, Sum_of_two_has_the_sum_of_every_number) {
    auto sum = one_of_each();
    sum += one_of_each();
    EXPECT_EQ(sum.received, 94u);
    EXPECT_EQ(sum.counted, 10u);
    EXPECT_EQ(sum.changed, 4u);
    EXPECT_EQ(sum.replayed, 6u);
    EXPECT_EQ(sum.withdrawn, 2u);
    EXPECT_EQ(sum.of(rejection::invalid), 2u);
    EXPECT_EQ(sum.of(rejection::store), 16u);
    EXPECT_TRUE(balances(sum));
}

}  // namespace
}  // namespace tallycast::domain
