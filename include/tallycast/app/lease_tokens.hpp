#pragma once
// Has what a node has spent of a tenant's block replaced by the store.

#include <tallycast/app/core.hpp>

#include <boost/asio/awaitable.hpp>

namespace tallycast::app {

// For whoever was told so by tenant_quota::take(): asks until less than half of the block is spent
// or the store does not answer. Of one tenant one at a time.
boost::asio::awaitable<void> lease_tokens(core& on, base::tenant_id tenant);

// Begins it, and returns.
void begin_lease(core& on, const base::tenant_id& tenant);

// The key of a tenant's buckets.
std::uint64_t quota_key(const base::tenant_id& tenant);

}  // namespace tallycast::app
