#pragma once
// Lends tokens of the buckets that the nodes of one store share. Threads and lifetime as in
// vote_store.hpp.

#include <tallycast/base/error.hpp>
#include <tallycast/base/id.hpp>
#include <tallycast/base/time.hpp>
#include <tallycast/domain/token_bucket.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>

namespace tallycast::ports {

struct token_loan {
    std::uint32_t granted = 0;
    base::milliseconds wait{0};  // until there is one more; 0: there is
};

class token_lender {
public:
    virtual ~token_lender() = default;

    // As many of the tenant's tokens as there are, up to `wanted`; they are gone from the bucket,
    // which fills at this rate by the store's clock. Never waits for tokens. Asked again for about
    // two seconds while the outcome is unknown: then some may be lost, and none is given twice.
    // rate.interval > 0.
    // store_unavailable, overloaded, shutting_down.
    virtual boost::asio::awaitable<base::result<token_loan>> lease(base::tenant_id tenant,
                                                                   std::uint32_t wanted,
                                                                   domain::bucket_rate rate) = 0;
};

}  // namespace tallycast::ports
