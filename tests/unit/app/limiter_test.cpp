#include <tallycast/app/limiter.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace tallycast::app {
namespace {

using namespace std::chrono_literals;

const base::mono_time start = base::mono_time{} + 1h;

limit_rates rates() {
    limit_rates r;
    r.connection = domain::bucket_rate::of(1, 5);
    r.address = domain::bucket_rate::of(1, 8);
    r.voter = domain::bucket_rate::of(1, 3);
    r.tenant = domain::bucket_rate::of(1, 100);
    r.join = domain::bucket_rate::of(1, 2);
    return r;
}

int allowed_votes(limiter& limits, const origin& from, std::uint64_t voter, int tries) {
    int allowed = 0;
    for (int i = 0; i < tries; ++i)
        allowed += limits.vote(limits.request(from, start), voter, 1, start).allowed;
    return allowed;
}

TEST(Limiter, Each_limit_refuses_by_its_name) {
    limiter limits(rates(), tenant_quotas(rates()));
    domain::token_bucket one, two, three;
    EXPECT_EQ(allowed_votes(limits, {&one, 7}, 100, 10), 3);
    EXPECT_EQ(limits.vote(limits.request({&two, 8}, start), 100, 1, start).name, "voter");
    EXPECT_EQ(allowed_votes(limits, {&three, 9}, 200, 3), 3);
    EXPECT_EQ(allowed_votes(limits, {&three, 9}, 201, 10), 2);  // the connection's five are spent
    EXPECT_EQ(limits.vote(limits.request({&three, 9}, start), 202, 1, start).name, "connection");
}

TEST(Limiter, An_address_is_limited_over_its_connections) {
    limiter limits(rates(), tenant_quotas(rates()));
    int allowed = 0;
    std::string_view refused_by;
    for (std::uint64_t voter = 1; voter <= 12; ++voter) {
        domain::token_bucket connection;
        const auto answer = limits.vote(limits.request({&connection, 42}, start), voter, 1, start);
        allowed += answer.allowed;
        if (!answer.allowed) refused_by = answer.name;
    }
    EXPECT_EQ(allowed, 8);
    EXPECT_EQ(refused_by, "address");
}

TEST(Limiter, A_refusal_says_when_to_come_back_and_then_it_is_allowed) {
    limiter limits(rates(), tenant_quotas(rates()));
    domain::token_bucket connection;
    limits.join({&connection, 1}, start);
    limits.join({&connection, 1}, start);
    const auto refused = limits.join({&connection, 1}, start);
    ASSERT_FALSE(refused.allowed);
    EXPECT_EQ(refused.name, "join");
    EXPECT_GT(refused.bucket.retry_after, 0ns);
    EXPECT_TRUE(limits.join({&connection, 1}, start + refused.bucket.retry_after).allowed);
}

TEST(Limiter, A_tenant_is_limited_over_all_cores) {
    const auto tenants = tenant_quotas(rates());
    std::atomic<int> allowed = 0;
    std::vector<std::thread> cores;
    for (std::uint64_t core = 0; core < 4; ++core)
        cores.emplace_back([&, core] {
            limiter limits(rates(), tenants);
            for (std::uint64_t voter = 1; voter <= 1'000; ++voter)
                allowed += limits.vote({}, core * 1'000 + voter, 1, start).allowed;
        });
    for (auto& core : cores) core.join();
    EXPECT_EQ(allowed, 100);
    limiter another(rates(), tenants);
    EXPECT_EQ(another.vote({}, 5'000, 1, start).name, "tenant");
    EXPECT_TRUE(another.vote({}, 5'001, 2, start).allowed);
}

TEST(Limiter, Off_allows_everything_and_names_nothing) {
    auto off = rates();
    off.on = false;
    limiter limits(off, tenant_quotas(off));
    domain::token_bucket connection;
    for (int i = 0; i < 1000; ++i) {
        const auto answer = limits.vote(limits.request({&connection, 1}, start), 1, 1, start);
        ASSERT_TRUE(answer.allowed);
        ASSERT_TRUE(answer.name.empty());
    }
}

TEST(Limiter, A_million_strangers_do_not_grow_the_table) {
    bucket_table table(domain::bucket_rate::of(1, 2), 1024);
    const auto before = table.capacity();
    for (std::uint64_t key = 1; key <= 1'000'000; ++key)
        ASSERT_TRUE(table.take(key * 0x9e3779b97f4a7c15ULL, start).allowed);
    EXPECT_EQ(table.capacity(), before);
    EXPECT_EQ(before, 1024u);
}

TEST(Limiter, New_rates_hold_from_the_next_request) {
    limiter limits(rates(), tenant_quotas(rates()));
    domain::token_bucket before, after;
    EXPECT_EQ(allowed_votes(limits, {&before, 3}, 1, 4), 3);
    auto wider = rates();
    for (auto* rate : {&wider.connection, &wider.address, &wider.voter})
        *rate = domain::bucket_rate::of(1000, 60);
    limits.set_rates(wider);
    EXPECT_EQ(allowed_votes(limits, {&after, 4}, 2, 70), 60);
}

}  // namespace
}  // namespace tallycast::app
