#include <tallycast/app/tenant_quota.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace tallycast::app {
namespace {

using namespace std::chrono_literals;
using base::mono_time;
using domain::bucket_rate;

const mono_time start = mono_time{} + 1h;
constexpr std::uint64_t tenant = 7;

// Never called: what a store would answer is played by the test.
class no_lender final : public ports::token_lender {
public:
    boost::asio::awaitable<base::result<ports::token_loan>> lease(base::tenant_id, std::uint32_t,
                                                                  bucket_rate) override {
        throw std::logic_error("nobody is to be asked");
    }
};

struct audience {
    std::string name;
    double per_second;
    std::uint32_t burst;
    std::vector<double> shares;  // of the ballots, by node
};

void PrintTo(const audience& a, std::ostream* to) { *to << a.name; }

// Nodes and the bucket they share, 2 ms away from each other, in steps of a millisecond.
class Nodes_of_a_tenant : public testing::TestWithParam<audience> {
protected:
    Nodes_of_a_tenant() : rate_(bucket_rate::of(GetParam().per_second, GetParam().burst)) {
        for (std::size_t i = 0; i < GetParam().shares.size(); ++i)
            nodes_.push_back(std::make_unique<tenant_quota>(rate_, &lender_));
    }

    void ask(std::size_t node) {
        ports::token_loan loan;
        const auto wanted = nodes_[node]->spent(tenant).tokens;
        domain::bucket_answer last{.allowed = true};
        while (loan.granted < wanted && last.allowed) {
            last = domain::take(shared_, rate_, now_);
            if (last.allowed) ++loan.granted;
        }
        if (!last.allowed) loan.wait = std::chrono::ceil<base::milliseconds>(last.retry_after);
        const auto pause = nodes_[node]->lent(tenant, loan, now_);
        if (pause) asked_.emplace(now_ + *pause + way, node);
    }

    // Ballots at `by` times the rate; how many passed.
    std::int64_t play(std::chrono::milliseconds time, double by) {
        std::int64_t passed = 0;
        std::vector<double> due(nodes_.size());
        for (const auto end = now_ + time; now_ < end; now_ += 1ms) {
            for (; !asked_.empty() && asked_.begin()->first <= now_; asked_.erase(asked_.begin()))
                ask(asked_.begin()->second);
            for (std::size_t i = 0; i < nodes_.size(); ++i) {
                due[i] += GetParam().shares[i] * GetParam().per_second * by / 1000;
                for (; due[i] >= 1; due[i] -= 1) passed += one(i);
            }
            watch(passed);
        }
        return passed;
    }

    int one(std::size_t node) {
        const auto said = nodes_[node]->take(tenant, now_);
        if (said.lease) asked_.emplace(now_ + way, node);
        if (!said.bucket.allowed) refused_ = said.bucket;
        return said.bucket.allowed ? 1 : 0;
    }

    // The most by which any span of time went past the rate.
    void watch(std::int64_t passed) {
        const double past = static_cast<double>(passed) - GetParam().per_second * seconds();
        most_ = std::max(most_, past - least_);
        least_ = std::min(least_, past);
    }
    double seconds() const { return std::chrono::duration<double>(now_ - start).count(); }

    static constexpr auto way = 2ms;
    no_lender lender_;
    bucket_rate rate_;
    domain::token_bucket shared_;
    std::vector<std::unique_ptr<tenant_quota>> nodes_;
    std::multimap<mono_time, std::size_t> asked_;
    mono_time now_ = start;
    domain::bucket_answer refused_;
    double least_ = 0;
    double most_ = 0;
};

INSTANTIATE_TEST_SUITE_P(of_all_sizes, Nodes_of_a_tenant,
                         testing::Values(audience{"Even", 5'000, 10'000, {0.25, 0.25, 0.25, 0.25}},
                                         audience{"All_on_one", 5'000, 10'000, {1, 0, 0, 0}},
                                         audience{
                                             "Most_on_one", 5'000, 500, {0.85, 0.05, 0.05, 0.05}},
                                         audience{"Small", 40, 20, {0.25, 0.25, 0.25, 0.25}},
                                         audience{"Small_on_one", 40, 20, {1, 0, 0, 0}},
                                         audience{"Slow_on_one", 2, 1, {1, 0, 0, 0}}),
                         [](const auto& of) { return of.param.name; });

TEST_P(Nodes_of_a_tenant, Never_let_through_more_than_the_bound) {
    play(3s, 6);
    play(5s, 0.3);  // tokens gather
    play(3s, 6);
    const auto block = block_of(rate_);
    EXPECT_LE(most_, GetParam().burst + 4.0 * block + 1);
    RecordProperty("past_the_rate", std::to_string(most_));
    RecordProperty("allowed_past_it", std::to_string(GetParam().burst + 4.0 * block));
}

TEST_P(Nodes_of_a_tenant, Let_through_the_whole_rate_however_the_audience_is_spread) {
    const auto passed = static_cast<double>(play(20s, 3));
    EXPECT_GE(passed, 0.95 * (GetParam().burst + GetParam().per_second * 20));
}

TEST_P(Nodes_of_a_tenant, Have_all_of_the_burst_again_after_a_rest) {
    play(2s, 3);
    const auto full = rate_.interval * (GetParam().burst + std::uint64_t{4} * block_of(rate_));
    play(std::chrono::ceil<base::milliseconds>(full), 0);
    const auto node = static_cast<std::size_t>(std::ranges::max_element(GetParam().shares) -
                                               GetParam().shares.begin());
    std::uint32_t passed = 0;
    for (std::uint32_t i = 0; i < GetParam().burst; ++i) {
        passed += static_cast<std::uint32_t>(one(node));
        if (i % std::max(block_of(rate_) / 4, 1u) == 0) play(5ms, 0);
    }
    EXPECT_GE(passed, 0.95 * GetParam().burst);
}

TEST_P(Nodes_of_a_tenant, Let_in_who_comes_back_when_told_to) {
    if (GetParam().shares[0] < 1) return play(1s, 6), void();  // others take what was left
    play(2s, 6);
    while (one(0) == 1) {
    }
    ASSERT_GT(refused_.retry_after, 0ns);
    play(std::chrono::ceil<base::milliseconds>(refused_.retry_after) + 2 * way, 0);
    EXPECT_EQ(one(0), 1);
}

class Node_of_a_store : public testing::Test {
protected:
    int passing(std::uint32_t of) {
        int passed = 0;
        for (std::uint32_t i = 0; i < of; ++i) {
            const auto said = quota.take(tenant, now);
            asked += said.lease ? 1 : 0;
            passed += said.bucket.allowed ? 1 : 0;
        }
        return passed;
    }

    no_lender lender;
    tenant_quota quota{bucket_rate::of(1, 80), &lender};  // a block is 50 ms or 10
    mono_time now = start;
    int asked = 0;
};

TEST_F(Node_of_a_store, Asks_once_when_half_of_its_block_is_spent_and_refuses_past_it) {
    EXPECT_EQ(passing(4), 4);
    EXPECT_EQ(asked, 0);
    EXPECT_EQ(passing(1), 1);
    EXPECT_EQ(asked, 1);
    EXPECT_EQ(passing(20), 5);
    EXPECT_EQ(asked, 1) << "while it is under way";
    EXPECT_EQ(quota.spent(tenant).tokens, 10u);
    EXPECT_FALSE(quota.lent(tenant, ports::token_loan{10, 0ms}, now));
    EXPECT_EQ(passing(20), 10);
    EXPECT_EQ(asked, 2);
}

TEST_F(Node_of_a_store, Asks_again_by_itself_until_the_store_has_some) {
    passing(20);
    EXPECT_EQ(quota.lent(tenant, ports::token_loan{2, 700ms}, now), 700ms);
    EXPECT_EQ(passing(20), 2);
    EXPECT_EQ(asked, 1);
    const auto refused = quota.take(tenant, now + 100ms);
    EXPECT_FALSE(refused.bucket.allowed);
    EXPECT_EQ(refused.bucket.retry_after, 600ms);
}

TEST_F(Node_of_a_store, Counts_for_itself_alone_while_the_store_does_not_answer) {
    EXPECT_EQ(passing(20), 10);
    const base::result<ports::token_loan> lost =
        base::failure(base::errc::store_unavailable, "away");
    EXPECT_FALSE(quota.lent(tenant, lost, now));
    EXPECT_EQ(passing(200), 70) << "what is left of its own bucket";
    EXPECT_EQ(asked, 1);
    now += 100ms;
    passing(1);
    EXPECT_EQ(asked, 2) << "another try";
    EXPECT_TRUE(quota.lent(tenant, ports::token_loan{0, 100ms}, now));
    EXPECT_EQ(passing(1), 0) << "the store has the word again";
}

TEST_F(Node_of_a_store, Has_no_block_where_there_is_nobody_to_ask) {
    tenant_quota alone(bucket_rate::of(1, 80));
    int passed = 0;
    for (int i = 0; i < 200; ++i) {
        const auto said = alone.take(tenant, now);
        EXPECT_FALSE(said.lease);
        passed += said.bucket.allowed ? 1 : 0;
    }
    EXPECT_EQ(passed, 80);
}

TEST(Block_of_tokens, Is_part_of_the_burst_and_at_least_one) {
    EXPECT_EQ(block_of(bucket_rate::of(50'000, 100'000)), 12'500u);
    EXPECT_EQ(block_of(bucket_rate::of(1'000, 80)), 50u);
    EXPECT_EQ(block_of(bucket_rate::of(1'000, 20)), 20u);
    EXPECT_EQ(block_of(bucket_rate::of(0.1, 5)), 1u);
}

}  // namespace
}  // namespace tallycast::app
