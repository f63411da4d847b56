#include <tallycast/app/tenant_quota.hpp>

#include <algorithm>

namespace tallycast::app {

namespace {

using std::chrono::nanoseconds;

constexpr std::size_t few = 1 << 12;
constexpr base::milliseconds between_leases{10};  // while the store has too few
// Soon: until then a node whose store is back counts for itself alone.
constexpr base::milliseconds until_another_try{100};

}  // namespace

std::uint32_t block_of(const domain::bucket_rate& rate) {
    if (rate.interval.count() == 0) return 0;  // nothing is limited
    const auto soon = nanoseconds(std::chrono::milliseconds(50)) / rate.interval;
    const auto wanted = std::max<std::int64_t>({soon, rate.burst / 8, 1});
    return static_cast<std::uint32_t>(std::min<std::int64_t>(wanted, rate.burst));
}

tenant_quota::tenant_quota(domain::bucket_rate rate, ports::token_lender* lender)
    : rate_(rate), block_(lender ? block_of(rate) : 0), lender_(lender), tenants_(few) {}

bool tenant_quota::is_low(const kept& of) const {
    return block_ > 0 && std::uint64_t{2} * of.spent >= block_;
}

tenant_quota::answer tenant_quota::take(std::uint64_t tenant, base::mono_time now) {
    const std::scoped_lock held(mutex_);
    auto& mine = tenants_.at(tenant);
    answer said;
    if (block_ == 0 || mine.alone || mine.spent < block_) {
        said.bucket = domain::take(mine.bucket, rate_, now);
        if (said.bucket.allowed) mine.spent = std::min(mine.spent + 1, block_);
    } else {
        said.bucket.retry_after =
            std::max<nanoseconds>(mine.ask_again_at - now, nanoseconds(between_leases));
        said.bucket.full_after = rate_.interval * rate_.burst;
    }
    if (is_low(mine) && !mine.leasing && now >= mine.ask_again_at) said.lease = mine.leasing = true;
    return said;
}

tenant_quota::wish tenant_quota::spent(std::uint64_t tenant) {
    const std::scoped_lock held(mutex_);
    const auto* mine = tenants_.find(tenant);
    return {mine ? mine->spent : 0, rate_};
}

std::optional<base::milliseconds> tenant_quota::lent(std::uint64_t tenant,
                                                     const base::result<ports::token_loan>& loan,
                                                     base::mono_time now) {
    const std::scoped_lock held(mutex_);
    auto* mine = tenants_.find(tenant);
    if (mine == nullptr) return std::nullopt;  // pushed out by a crowd of others
    mine->alone = !loan;
    if (loan) mine->spent -= std::min(mine->spent, loan->granted);
    mine->leasing = loan && is_low(*mine);
    if (!loan) mine->ask_again_at = now + until_another_try;
    if (!mine->leasing) return std::nullopt;
    const auto pause = std::max(loan->wait, between_leases);
    mine->ask_again_at = now + pause;
    return pause;
}

void tenant_quota::set_rate(domain::bucket_rate rate) {
    const std::scoped_lock held(mutex_);
    rate_ = rate;
    block_ = lender_ ? block_of(rate) : 0;
}

}  // namespace tallycast::app
