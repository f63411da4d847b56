#pragma once
// The token buckets of one core. Single-threaded, but for the quotas of tenants, which the cores of
// a node share, and nodes of one store. Any other limit counts per core: over n cores a client can
// reach at most n times its rate.

#include <tallycast/app/bucket_table.hpp>
#include <tallycast/app/tenant_quota.hpp>
#include <tallycast/base/trace.hpp>
#include <tallycast/domain/poll_round.hpp>
#include <tallycast/domain/token_bucket.hpp>

#include <cstdint>
#include <memory>
#include <string_view>

namespace tallycast::app {

struct limit_rates {
    bool on = true;
    domain::bucket_rate connection = domain::bucket_rate::of(200, 400);
    domain::bucket_rate address = domain::bucket_rate::of(2'000, 10'000);
    domain::bucket_rate voter = domain::bucket_rate::of(10, 50);
    domain::bucket_rate tenant = domain::bucket_rate::of(50'000, 100'000);
    domain::bucket_rate join = domain::bucket_rate::of(500, 5'000);
};

// For limiters that count tenants together; lender as tenant_quota has it.
std::shared_ptr<tenant_quota> tenant_quotas(const limit_rates& rates,
                                            ports::token_lender* lender = nullptr);

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
    bool lease = false;  // of the tenant's tokens, which the caller is to begin (lease_tokens.hpp)
};

class limiter {
public:
    // Limiters that were given the same quotas count a tenant's votes together.
    limiter(const limit_rates& rates, std::shared_ptr<tenant_quota> tenants);

    // Every request: connection and address in turn; the first refusal is the answer.
    limit_answer request(const origin& from, base::mono_time now);
    // A vote besides: its voter and tenant. `so_far` is what request() allowed.
    limit_answer vote(limit_answer so_far, std::uint64_t voter, std::uint64_t tenant,
                      base::mono_time now);
    // Whatever tries a join code: both at once.
    limit_answer join(const origin& from, base::mono_time now);

    tenant_quota& tenants() { return *tenants_; }
    // How often a voter may change a ballot, for the store to keep to.
    domain::change_pace changes() const;
    // What the store said of it, as any other limit says it.
    limit_answer change_refused(base::milliseconds retry_after) const;

    void set_rates(const limit_rates& rates);

private:
    limit_rates rates_;
    bucket_table addresses_;
    bucket_table voters_;
    std::shared_ptr<tenant_quota> tenants_;
    bucket_table joins_;
};

}  // namespace tallycast::app
