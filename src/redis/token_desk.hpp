#pragma once
// Lends tokens of the buckets that nodes share. Lives on its client's executor; one thread.

#include "client.hpp"

#include <tallycast/ports/poll_store.hpp>
#include <tallycast/ports/token_lender.hpp>

#include <string>

namespace tallycast::redis {

// With a hash tag of its own, so that tenants lie evenly on the primaries of a cluster.
std::string quota_key(const base::tenant_id& tenant);

class token_desk {
public:
    explicit token_desk(client& redis) : redis_(redis) {}

    // As ports::token_lender says.
    ports::answer<ports::token_loan> lease(base::tenant_id tenant, std::uint32_t wanted,
                                           domain::bucket_rate rate);

private:
    client& redis_;
};

}  // namespace tallycast::redis
