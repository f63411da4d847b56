#pragma once
// What the sessions and listeners are told by the configuration. Values only; the same on every
// core.

#include <tallycast/net/proxy.hpp>
#include <tallycast/net/static_assets.hpp>
#include <tallycast/net/tls.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tallycast::net {

// automatic: when the client came by TLS, to this node or as a trusted proxy says.
enum class cookie_policy : std::uint8_t { automatic = 1, always, never };

struct net_settings {
    std::size_t max_connections = 10'000;  // of one core
    std::size_t max_subscriptions = 256;   // of one socket
    std::chrono::milliseconds header_timeout{10'000};
    std::chrono::milliseconds body_timeout{20'000};
    std::chrono::milliseconds write_timeout{15'000};
    std::chrono::milliseconds idle_timeout{75'000};
    std::chrono::milliseconds answer_timeout{
        10'000};  // of the store; then the connection closes unanswered
    std::chrono::milliseconds reconnect_spread{10'000};
    tls_context_ptr tls;                       // of connections to come; null: they are plain
    std::vector<std::string> allowed_origins;  // exact; none: only the page's own
    std::vector<address_block> trusted_proxies;
    cookie_policy secure_cookies = cookie_policy::automatic;
    bool limits = true;      // on messages of a socket
    std::string public_url;  // of the pages; empty: as the request's Host says
    std::string near_host;   // what phones call this machine by; empty: unknown
    std::shared_ptr<const static_assets> assets = no_assets();  // never null
};

}  // namespace tallycast::net
