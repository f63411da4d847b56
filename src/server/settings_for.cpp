#include <tallycast/server/settings_for.hpp>

#include <tallycast/config/doctor.hpp>
#include <tallycast/redis/deployment.hpp>
#include <tallycast/server/addresses.hpp>
#include <tallycast/server/pages.hpp>

#include <algorithm>
#include <iterator>

namespace tallycast::server {

namespace {

std::string derived(const std::string& secret, std::string_view purpose) {
    const auto mac = app::hmac_sha256{secret}.of(purpose);
    return {reinterpret_cast<const char*>(mac.data()), mac.size()};
}

domain::bucket_rate rate_of(const config::rate& r) {
    return domain::bucket_rate::of(r.per_second, r.burst);
}

std::string readable_key(std::string_view prefix, const std::string& bytes) {
    return std::string(prefix) +
           app::base64url({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
}

}  // namespace

boost::asio::ip::tcp::endpoint endpoint_of(const config::endpoint& e) {
    return {boost::asio::ip::make_address(e.address), e.port};
}

// config has settled which levels go with which store.
embedded::store_options embedded_options_of(const config::settings& s) {
    embedded::store_options options;
    options.data_dir = s.data_dir;
    switch (s.durability) {
        case config::durability::memory: options.level = embedded::durability::memory; break;
        case config::durability::async: options.level = embedded::durability::async; break;
        default: options.level = embedded::durability::fsync; break;
    }
    return options;
}

redis::store_options redis_options_of(const config::settings& s) {
    redis::store_options options;
    options.url = s.store;
    options.ca_file = s.store_ca;
    options.slices = static_cast<std::uint16_t>(s.store_slices);
    options.apply_again = s.apply_again;
    switch (s.durability) {
        case config::durability::async: options.level = redis::durability::async; break;
        case config::durability::replicated: options.level = redis::durability::replicated; break;
        case config::durability::fsync: options.level = redis::durability::fsync; break;
        default: options.level = redis::durability::automatic; break;
    }
    return options;
}

config::further_faults faults_of_store(const config::settings& s) {
    config::further_faults found;
    if (config::is_embedded(s) || s.store.empty()) return found;
    const auto where = redis::parse_deployment(s.store);
    if (!where) found.emplace_back("store", where.error().detail);
    if (!s.store_ca.empty())
        if (const auto usable = redis::check_authorities(s.store_ca); !usable)
            found.emplace_back("store-ca", usable.error().detail);
    return found;
}

config::further_faults faults_of_tls(const config::settings& s) {
    if (s.tls_cert.empty() || s.tls_key.empty()) return {};
    const auto loaded = net::tls_context::load(s.tls_cert, s.tls_key);
    if (loaded) return {};
    const bool of_key = loaded.error().in == net::tls_fault::file::key;
    return {{of_key ? "tls-key" : "tls-cert", loaded.error().why}};
}

config::further_faults faults_outside(const config::settings& s) {
    auto found = faults_of_store(s);
    auto more = faults_of_tls(s);
    std::ranges::move(more, std::back_inserter(found));
    return found;
}

app::limit_rates limit_rates_of(const config::settings& s) {
    const auto& l = s.limits;
    return {l.on,
            rate_of(l.connection),
            rate_of(l.address),
            rate_of(l.voter),
            rate_of(l.tenant),
            rate_of(l.join_address)};
}

std::string operator_key_of(const config::settings& s, const std::string& store_secret) {
    if (!s.operator_key.empty()) return s.operator_key;
    return s.production ? std::string{}
                        : readable_key("tco_", derived(store_secret, "operator key"));
}

app::core_settings core_settings_of(const config::settings& s, const std::string& store_secret) {
    app::core_settings core;
    for (const auto& key : s.token_keys) core.token_keys.push_back({key.id, key.secret});
    if (core.token_keys.empty())
        core.token_keys.push_back({"own", derived(store_secret, "voter tokens")});
    core.receipt_key = derived(store_secret, "receipts");
    if (const auto key = operator_key_of(s, store_secret); !key.empty())
        core.operator_hash = app::hex(app::sha256(key));
    core.token_life = std::chrono::duration_cast<std::chrono::seconds>(s.token_ttl);
    core.limits = limit_rates_of(s);
    core.vote_queue_limit = s.max_vote_queue;
    core.trace_share = s.trace_share;
    return core;
}

base::result<net::net_settings> net_settings_of(const config::settings& s, std::uint32_t threads) {
    net::net_settings net;
    const auto descriptors = config::read_machine_facts(s).open_files_soft;
    const auto fit =
        descriptors ? config::connections_that_fit(s, *descriptors) : s.max_connections;
    net.max_connections = std::max<std::size_t>(fit / threads, 1);
    net.max_subscriptions = s.max_subscriptions;
    net.header_timeout = s.header_timeout;
    net.body_timeout = s.body_timeout;
    net.write_timeout = s.write_timeout;
    net.idle_timeout = s.idle_timeout;
    net.answer_timeout = s.answer_timeout;
    net.reconnect_spread = s.reconnect_spread;
    net.allowed_origins = s.allowed_origins;
    for (const auto& text : s.trusted_proxies) {
        const auto block = net::parse_address_block(text);
        if (!block)
            return base::failure{base::errc::invalid_request,
                                 "trusted-proxies: " + text + " is no address or block"};
        net.trusted_proxies.push_back(*block);
    }
    net.secure_cookies = static_cast<net::cookie_policy>(s.secure_cookies);
    net.limits = s.limits.on;
    net.public_url = s.public_url;
    if (const auto near = reachable_from_near(endpoint_of(s.listen)))
        net.near_host = host_text(*near);
    if (!s.tls_cert.empty()) {
        auto tls = net::tls_context::load(s.tls_cert, s.tls_key);
        if (!tls) return base::failure{base::errc::invalid_request, tls.error().why};
        net.tls = std::move(*tls);
    }
    auto assets = assets_of(s.ui_dir);
    if (!assets) return assets.error();
    net.assets = std::move(*assets);
    return net;
}

telemetry::line_format log_format_of(const config::settings& s) {
    return s.log_format == config::log_format::json ? telemetry::line_format::json
                                                    : telemetry::line_format::text;
}

ports::severity severity_of(const config::settings& s) {
    return static_cast<ports::severity>(s.log_level);
}

}  // namespace tallycast::server
