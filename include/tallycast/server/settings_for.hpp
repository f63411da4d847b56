#pragma once
// From the configuration to what each part is told: the one place that knows both sides.

#include <tallycast/app/core.hpp>
#include <tallycast/config/load.hpp>
#include <tallycast/config/settings.hpp>
#include <tallycast/embedded/store.hpp>
#include <tallycast/net/net_settings.hpp>
#include <tallycast/redis/store.hpp>
#include <tallycast/telemetry/log.hpp>

#include <boost/asio/ip/tcp.hpp>

namespace tallycast::server {

boost::asio::ip::tcp::endpoint endpoint_of(const config::endpoint& e);
embedded::store_options embedded_options_of(const config::settings& s);
redis::store_options redis_options_of(const config::settings& s);
// A config::further_check: an address of Redis that cannot be read, authorities that cannot be
// used.
config::further_faults faults_of_store(const config::settings& s);
// Another: files for TLS that cannot be used.
config::further_faults faults_of_tls(const config::settings& s);
// Both.
config::further_faults faults_outside(const config::settings& s);
app::limit_rates limit_rates_of(const config::settings& s);
// Keys that were not configured are derived from the store's secret, so that they outlive a
// restart.
app::core_settings core_settings_of(const config::settings& s, const std::string& store_secret);
// Fails when a trusted proxy is no address, or the folder of the pages or the certificate cannot be
// read.
base::result<net::net_settings> net_settings_of(const config::settings& s, std::uint32_t threads);
telemetry::line_format log_format_of(const config::settings& s);
ports::severity severity_of(const config::settings& s);

// The operator key in force: the configured one, or the one derived from the store's secret; empty
// in production without a configured one.
std::string operator_key_of(const config::settings& s, const std::string& store_secret);

}  // namespace tallycast::server
