#include <tallycast/app/lease_tokens.hpp>

#include <tallycast/domain/fingerprint.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>

namespace tallycast::app {

namespace asio = boost::asio;

namespace {

void rethrow(std::exception_ptr thrown) {
    if (thrown) std::rethrow_exception(thrown);
}

}  // namespace

std::uint64_t quota_key(const base::tenant_id& tenant) { return domain::mix(tenant.str()); }

asio::awaitable<void> lease_tokens(core& on, base::tenant_id tenant) {
    auto& quota = on.limits.tenants();
    const auto key = quota_key(tenant);
    asio::steady_timer again(on.executor);
    for (;;) {
        const auto wanted = quota.spent(key);
        on.meter.add(ports::count::quota_leases);
        auto work = quota.lender()->lease(tenant, wanted.tokens, wanted.rate);
        const auto loan = co_await std::move(work);
        if (!loan) on.meter.add(ports::count::quota_leases_failed);
        const auto pause = quota.lent(key, loan, on.clock.mono());
        if (!pause) co_return;
        again.expires_after(*pause);
        co_await again.async_wait(asio::use_awaitable);
    }
}

void begin_lease(core& on, const base::tenant_id& tenant) {
    asio::co_spawn(on.executor, lease_tokens(on, tenant), rethrow);
}

}  // namespace tallycast::app
