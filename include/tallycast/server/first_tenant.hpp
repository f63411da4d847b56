#pragma once
// What a store needs before anybody can be a host: a tenant, and a key of it.

#include <tallycast/app/core.hpp>
#include <tallycast/app/manage.hpp>
#include <tallycast/config/settings.hpp>

#include <optional>
#include <string>

namespace tallycast::server {

struct first_tenant {
    base::tenant_id tenant;
    // Filled when they were made by this start, and only then: to be shown once.
    std::optional<std::string> made_host_key;
    std::optional<std::string> made_operator_key;
};

// Finds or makes the tenant "default". A configured host key is added to it; where there is no key
// at all and none is configured, one is made (outside production).
app::use_case<first_tenant> prepare_first_tenant(app::core& on, config::settings settings,
                                                 std::string store_secret);

}  // namespace tallycast::server
