#include <tallycast/server/doctor.hpp>

#include <tallycast/redis/doctor.hpp>
#include <tallycast/server/settings_for.hpp>
#include <tallycast/telemetry/system_clock.hpp>

#include <algorithm>

namespace tallycast::server {

std::vector<config::finding> examine(const config::settings& wanted) {
    auto found = config::examine(wanted, config::read_machine_facts(wanted));
    if (config::is_embedded(wanted)) return found;
    for (auto& one : redis::examine(redis_options_of(wanted), telemetry::system_clock()))
        found.push_back({static_cast<config::finding_severity>(one.severity), std::move(one.what),
                         std::move(one.fix)});
    std::ranges::stable_sort(found, std::ranges::greater{}, &config::finding::severity);
    return found;
}

}  // namespace tallycast::server
