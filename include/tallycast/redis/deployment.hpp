#pragma once
// Where Redis is and how to get in, as one URL says it:
//
//   redis://[user[:password]@]host[:port][/0]
//   redis+sentinel://[user[:password]@]host[:port],host[:port].../primary-name
//       [?sentinel_user=...&sentinel_password=...]
//   redis+cluster://[user[:password]@]host[:port],host[:port]...
//
// `rediss` instead of `redis` is TLS, to the Sentinels too. IPv6 hosts stand in brackets. User,
// password and name may be percent-encoded; `redis://:password@host` is the default user. Pure.

#include <tallycast/base/error.hpp>

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tallycast::redis {

struct endpoint {
    std::string host;  // without brackets
    std::uint16_t port = 0;

    auto operator<=>(const endpoint&) const = default;
};

// host:port, with brackets around an IPv6 address.
std::string to_text(const endpoint& at);

enum class topology_kind : std::uint8_t { standalone = 1, sentinel, cluster };

struct credentials {
    std::string user;      // empty: the default user
    std::string password;  // empty: no AUTH is sent
};

struct deployment {
    topology_kind kind = topology_kind::standalone;
    std::vector<endpoint> at;  // the server, all Sentinels, or some nodes of the cluster
    bool tls = false;
    credentials login;
    credentials sentinel_login;
    std::string primary_name;  // Sentinel's name of the primary
};

// invalid_request with a detail that says what is wrong and never repeats the password.
base::result<deployment> parse_deployment(std::string_view url);

// The same without user and password, for the log.
std::string to_text(const deployment& d);

}  // namespace tallycast::redis
