#pragma once
// All a node is told from outside, as typed values: what load() makes of flags, environment and
// file. A plain value; nobody but config knows where a member came from. Defaults live in the
// option table (src/config/option_table.cpp); a settings not made by load() holds no defaults.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tallycast::config {

// `address` is a numeric IPv4 or IPv6 address without brackets; port 0 lets the system choose.
struct endpoint {
    std::string address;
    std::uint16_t port = 0;
    friend bool operator==(const endpoint&, const endpoint&) = default;
};

// A token bucket: so many a second, so many at once.
struct rate {
    double per_second = 0;
    std::uint32_t burst = 0;
    friend bool operator==(const rate&, const rate&) = default;
};

struct token_key {
    std::string id;      // 1 to 16 letters and digits
    std::string secret;  // 32 bytes
    friend bool operator==(const token_key&, const token_key&) = default;
};

enum class durability : std::uint8_t { automatic = 1, memory, async, replicated, fsync };
enum class log_level : std::uint8_t { debug = 1, info, warn, error };
enum class log_format : std::uint8_t { json = 1, text };
// `automatic`: Secure when the request came over TLS, to this node or as a trusted proxy tells.
enum class cookie_policy : std::uint8_t { automatic = 1, always, never };

struct limit_settings {
    bool on = true;
    rate connection;
    rate address;
    rate voter;
    rate tenant;
    rate join_address;
    friend bool operator==(const limit_settings&, const limit_settings&) = default;
};

struct settings {
    endpoint listen;
    endpoint ops_listen;
    std::string public_url;     // empty: taken from the request; no trailing slash
    std::uint32_t threads = 0;  // 0: one a core
    std::string tls_cert;       // files, both or none: the public listener speaks TLS
    std::string tls_key;

    std::string store = "embedded";  // or the address of Redis
    std::uint32_t store_slices = 0;  // of a poll in Redis; 0: as the store likes
    std::string store_ca;            // a file; empty: the system's authorities
    std::string data_dir;            // ":memory:" keeps nothing
    // automatic is left to Redis alone; of the embedded store it is settled when it is read.
    config::durability durability = config::durability::automatic;
    bool apply_again = true;  // off: for tests; see docs/guarantees.md

    // Keys given directly or read from their files. Empty: none.
    std::string operator_key;
    std::string host_key;
    std::vector<token_key> token_keys;  // the first signs
    std::chrono::milliseconds token_ttl{0};
    bool production = false;
    bool demo = false;
    bool rebalance = true;  // by itself, over the nodes of one Redis

    limit_settings limits;
    std::uint32_t max_connections = 0;    // of the whole node
    std::uint32_t max_subscriptions = 0;  // of one socket
    std::uint32_t max_vote_queue = 0;     // votes waiting in one I/O thread

    std::vector<std::string> trusted_proxies;  // CIDR blocks or lone addresses, checked
    std::vector<std::string>
        allowed_origins;  // scheme://host[:port], lower case; none: same origin only
    cookie_policy secure_cookies = cookie_policy::automatic;
    std::string ui_dir;  // empty: the pages that are built in

    std::chrono::milliseconds header_timeout{0};
    std::chrono::milliseconds body_timeout{0};
    std::chrono::milliseconds write_timeout{0};
    std::chrono::milliseconds idle_timeout{0};
    std::chrono::milliseconds answer_timeout{0};
    std::chrono::milliseconds drain_timeout{0};
    std::chrono::milliseconds reconnect_spread{0};

    config::log_level log_level = config::log_level::info;
    config::log_format log_format = config::log_format::json;
    std::string otlp_endpoint;  // empty: no traces
    double trace_share = 0;

    // Every option's text as it was resolved, fit to be shown: of a secret only whether it is
    // "(set)".
    std::map<std::string, std::string, std::less<>> as_text;
};

inline bool is_embedded(const settings& s) { return s.store == "embedded"; }

// The I/O threads to start, of `cores` there are.
inline std::uint32_t thread_count(const settings& s, std::uint32_t cores) {
    return s.threads != 0 ? s.threads : (cores == 0 ? 1 : cores);
}

}  // namespace tallycast::config
