#include <tallycast/server/first_tenant.hpp>

#include <tallycast/server/settings_for.hpp>

#include <algorithm>

namespace tallycast::server {

namespace {

constexpr std::string_view default_name = "default";

app::use_case<base::tenant_id> default_tenant(app::core& on) {
    const auto tenants = on.catalog.tenants();
    const auto at =
        std::ranges::find(tenants, default_name,
                          [](const app::tenant_ptr& t) -> std::string_view { return t->name; });
    if (at != tenants.end()) co_return (*at)->id;
    auto work = on.polls.add_tenant(
        {base::tenant_id{app::random_id()}, std::string(default_name), {}, on.clock.wall()});
    const auto added = co_await std::move(work);
    if (!added) co_return added.error();
    co_return added->id;
}

}  // namespace

app::use_case<first_tenant> prepare_first_tenant(app::core& on, config::settings settings,
                                                 std::string store_secret) {
    const auto tenant = co_await default_tenant(on);
    if (!tenant) co_return tenant.error();
    first_tenant ready{*tenant, {}, {}};
    std::string key = settings.host_key;
    const bool first = on.catalog.keys_of(*tenant).empty();
    if (key.empty() && first && !settings.production) {
        key = app::random_host_key();
        ready.made_host_key = key;
        if (settings.operator_key.empty())
            ready.made_operator_key = operator_key_of(settings, store_secret);
    }
    if (key.empty()) co_return ready;
    const auto label = ready.made_host_key ? "made at the first start" : "configured";
    auto work = on.polls.add_key(app::key_record(key, *tenant, label, on.clock.wall()));
    const auto added = co_await std::move(work);
    if (!added) co_return added.error();
    co_return ready;
}

}  // namespace tallycast::server
