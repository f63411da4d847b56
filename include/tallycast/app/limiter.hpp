#pragma once
// The token buckets of one core, in tables of a fixed size: an attacker with a million addresses
// pushes out other strangers' buckets (who then start with a full one), but never grows anything.
// Single-threaded, but for the buckets of tenants, which the cores of a node share. Any other limit
// counts per core: over n cores a client can reach at most n times its rate.

#include <tallycast/base/trace.hpp>
#include <tallycast/domain/token_bucket.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace tallycast::app {

// Buckets by a 64-bit hash of whom they belong to; the capacity is rounded up to a power of two.
class bucket_table {
public:
    bucket_table(domain::bucket_rate rate, std::size_t capacity);

    domain::bucket_answer take(std::uint64_t key, base::mono_time now);
    const domain::bucket_rate& rate() const noexcept { return rate_; }
    void set_rate(domain::bucket_rate rate) { rate_ = rate; }
    std::size_t capacity() const noexcept { return slots_.size(); }

private:
    static constexpr std::size_t ways = 8;
    struct slot {
        std::uint64_t key = 0;
        domain::token_bucket bucket;
    };
    domain::bucket_rate rate_;
    std::vector<slot> slots_;
};

// One table for all cores of a node. The lock is held for one look-up and never across a wait.
class shared_bucket_table {
public:
    shared_bucket_table(domain::bucket_rate rate, std::size_t capacity) : table_(rate, capacity) {}

    domain::bucket_answer take(std::uint64_t key, base::mono_time now) {
        const std::scoped_lock held(mutex_);
        return table_.take(key, now);
    }
    void set_rate(domain::bucket_rate rate) {
        const std::scoped_lock held(mutex_);
        table_.set_rate(rate);
    }

private:
    std::mutex mutex_;
    bucket_table table_;
};

struct limit_rates {
    bool on = true;
    domain::bucket_rate connection = domain::bucket_rate::of(200, 400);
    domain::bucket_rate address = domain::bucket_rate::of(2'000, 10'000);
    domain::bucket_rate voter = domain::bucket_rate::of(10, 50);
    domain::bucket_rate tenant = domain::bucket_rate::of(50'000, 100'000);
    domain::bucket_rate join = domain::bucket_rate::of(500, 5'000);
};

// The buckets of tenants for limiters that count them together.
std::shared_ptr<shared_bucket_table> tenant_buckets(const limit_rates& rates);

// Where a request comes from, as far as limits and traces care.
struct origin {
    domain::token_bucket* connection = nullptr;  // the connection's own bucket
    std::uint64_t address = 0;                   // hash of the IPv4 address, or of the IPv6 /64
    const base::trace_context* trace = nullptr;  // of the request, where it is traced
};

struct limit_answer {
    bool allowed = true;
    std::string_view
        name;  // of the limit that refused, or of the one nearest to refusing; empty when off
    domain::bucket_answer bucket;
    domain::bucket_rate rate;
};

class limiter {
public:
    // Limiters that were given the same buckets count a tenant's votes together.
    limiter(const limit_rates& rates, std::shared_ptr<shared_bucket_table> tenants);

    // Every request: connection and address in turn; the first refusal is the answer.
    limit_answer request(const origin& from, base::mono_time now);
    // A vote besides: its voter and tenant. `so_far` is what request() allowed.
    limit_answer vote(limit_answer so_far, std::uint64_t voter, std::uint64_t tenant,
                      base::mono_time now);
    // Whatever tries a join code: both at once.
    limit_answer join(const origin& from, base::mono_time now);

    void set_rates(const limit_rates& rates);

private:
    limit_rates rates_;
    bucket_table addresses_;
    bucket_table voters_;
    std::shared_ptr<shared_bucket_table> tenants_;
    bucket_table joins_;
};

}  // namespace tallycast::app
