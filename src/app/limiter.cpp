#include <tallycast/app/limiter.hpp>

#include <utility>

namespace tallycast::app {

namespace {

constexpr std::size_t strangers = 1 << 16;

// Keeps the answer that leaves least, so that the client hears of the limit it will meet first.
void keep_tighter(limit_answer& kept, std::string_view name, const domain::bucket_answer& bucket,
                  const domain::bucket_rate& rate) {
    if (!kept.allowed) return;
    const bool tighter = kept.name.empty() || bucket.remaining < kept.bucket.remaining;
    if (tighter || !bucket.allowed) kept = {bucket.allowed, name, bucket, rate, false};
}

}  // namespace

std::shared_ptr<tenant_quota> tenant_quotas(const limit_rates& rates, ports::token_lender* lender) {
    return std::make_shared<tenant_quota>(rates.tenant, lender);
}

limiter::limiter(const limit_rates& rates, std::shared_ptr<tenant_quota> tenants)
    : rates_(rates),
      addresses_(rates.address, strangers),
      voters_(rates.voter, strangers),
      tenants_(std::move(tenants)),
      joins_(rates.join, strangers) {}

limit_answer limiter::vote(limit_answer answer, std::uint64_t voter, std::uint64_t tenant,
                           base::mono_time now) {
    if (!rates_.on || !answer.allowed) return answer;
    keep_tighter(answer, "voter", voters_.take(voter, now), rates_.voter);
    if (!answer.allowed) return answer;
    const auto quota = tenants_->take(tenant, now);
    keep_tighter(answer, "tenant", quota.bucket, rates_.tenant);
    answer.lease = quota.lease;
    return answer;
}

domain::change_pace limiter::changes() const {
    if (!rates_.on) return {};
    return {rates_.voter.burst,
            std::chrono::duration_cast<base::milliseconds>(rates_.voter.interval)};
}

limit_answer limiter::change_refused(base::milliseconds retry_after) const {
    return {false, "change", {false, 0, retry_after, retry_after}, rates_.voter, false};
}

limit_answer limiter::join(const origin& from, base::mono_time now) {
    limit_answer answer = request(from, now);
    if (!rates_.on || !answer.allowed) return answer;
    keep_tighter(answer, "join", joins_.take(from.address, now), rates_.join);
    return answer;
}

limit_answer limiter::request(const origin& from, base::mono_time now) {
    limit_answer answer;
    if (!rates_.on) return answer;
    if (from.connection != nullptr)
        keep_tighter(answer, "connection", domain::take(*from.connection, rates_.connection, now),
                     rates_.connection);
    if (answer.allowed)
        keep_tighter(answer, "address", addresses_.take(from.address, now), rates_.address);
    return answer;
}

void limiter::set_rates(const limit_rates& rates) {
    rates_ = rates;
    addresses_.set_rate(rates.address);
    voters_.set_rate(rates.voter);
    tenants_->set_rate(rates.tenant);
    joins_.set_rate(rates.join);
}

}  // namespace tallycast::app
