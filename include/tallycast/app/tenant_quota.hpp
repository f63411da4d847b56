#pragma once
// How many ballots each tenant may still cast at this node. A bucket each counts over all its
// cores. Where nodes share a store they share the rate, too: a node has a block of each tenant's
// tokens, leases what it has spent of it from the store when half is gone, and refuses when all is
// gone and the store has no more. No vote waits for the store.
//
// In any t seconds n nodes let through at most burst + rate * t + n * block. A node that gets no
// answer from the store counts for itself alone, until it does.
//
// Any thread; the lock is held for one look-up and never across a wait.

#include <tallycast/app/bucket_table.hpp>
#include <tallycast/ports/token_lender.hpp>

#include <cstdint>
#include <mutex>
#include <optional>

namespace tallycast::app {

// What a node may spend before the store knows of it: an eighth of the burst, or what comes in
// 50 ms where that is more, but never more than the burst.
std::uint32_t block_of(const domain::bucket_rate& rate);

class tenant_quota {
public:
    // lender: null where no other node counts with this one; outlives this.
    explicit tenant_quota(domain::bucket_rate rate, ports::token_lender* lender = nullptr);

    struct answer {
        domain::bucket_answer bucket;
        bool lease = false;  // the caller is to see to it that lease_tokens() runs for the tenant
    };
    // One ballot. The key is a hash of the tenant's id.
    answer take(std::uint64_t tenant, base::mono_time now);

    ports::token_lender* lender() const noexcept { return lender_; }
    // What the lender is to be asked for.
    struct wish {
        std::uint32_t tokens = 0;
        domain::bucket_rate rate;
    };
    wish spent(std::uint64_t tenant);
    // What it answered. After how long to ask again; nothing when that is for a later take() to
    // say.
    std::optional<base::milliseconds> lent(std::uint64_t tenant,
                                           const base::result<ports::token_loan>& loan,
                                           base::mono_time now);

    void set_rate(domain::bucket_rate rate);

private:
    struct kept {
        domain::token_bucket bucket;  // of this node
        std::uint32_t spent = 0;      // of the block
        bool leasing = false;         // somebody asks, or waits to ask again
        bool alone = false;           // the store did not answer last time
        base::mono_time ask_again_at{};
    };
    bool is_low(const kept& of) const;

    std::mutex mutex_;
    domain::bucket_rate rate_;
    std::uint32_t block_;  // 0: nobody to lease from
    ports::token_lender* lender_;
    bucket_slots<kept> tenants_;
};

}  // namespace tallycast::app
