#include <tallycast/server/doctor.hpp>

#include <tallycast/net/tls.hpp>
#include <tallycast/redis/doctor.hpp>
#include <tallycast/server/settings_for.hpp>
#include <tallycast/telemetry/system_clock.hpp>
#include <tallycast/wire/time.hpp>

#include <algorithm>
#include <chrono>

namespace tallycast::server {

namespace {

constexpr std::chrono::days soon{14};

// The files themselves were looked at when the settings were read.
void examine_certificate(const config::settings& wanted, std::vector<config::finding>& found) {
    if (wanted.tls_cert.empty()) return;
    const auto tls = net::tls_context::load(wanted.tls_cert, wanted.tls_key);
    if (!tls) return;
    const auto until = (*tls)->valid_until();
    const auto now = telemetry::system_clock().wall();
    if (now + soon < until && now >= (*tls)->valid_from()) return;
    const std::string fix = "Renew it, put the new files in place and send the nodes SIGHUP.";
    if (now < (*tls)->valid_from())
        found.push_back({config::finding_severity::problem,
                         "The certificate of --tls-cert is not valid before " +
                             wire::rfc3339((*tls)->valid_from()) + ": browsers refuse it.",
                         "Look at the machine's clock, or take another certificate."});
    else if (now >= until)
        found.push_back({config::finding_severity::problem,
                         "The certificate of --tls-cert has expired, at " + wire::rfc3339(until) +
                             ": browsers refuse it.",
                         fix});
    else
        found.push_back({config::finding_severity::warning,
                         "The certificate of --tls-cert ends in less than 14 days, at " +
                             wire::rfc3339(until) + '.',
                         fix});
}

void examine_redis(const config::settings& wanted, std::vector<config::finding>& found) {
    if (config::is_embedded(wanted)) return;
    for (auto& one : redis::examine(redis_options_of(wanted), telemetry::system_clock()))
        found.push_back({static_cast<config::finding_severity>(one.severity), std::move(one.what),
                         std::move(one.fix)});
}

}  // namespace

std::vector<config::finding> examine(const config::settings& wanted) {
    auto found = config::examine(wanted, config::read_machine_facts(wanted));
    examine_certificate(wanted, found);
    examine_redis(wanted, found);
    std::ranges::stable_sort(found, std::ranges::greater{}, &config::finding::severity);
    return found;
}

}  // namespace tallycast::server
