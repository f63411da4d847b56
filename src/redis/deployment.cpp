#include <tallycast/redis/deployment.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace tallycast::redis {

namespace {

constexpr std::uint16_t redis_port = 6379;
constexpr std::uint16_t sentinel_port = 26379;
constexpr std::size_t most_endpoints = 64;
constexpr std::size_t longest_url = 8192;

struct scheme {
    std::string_view name;
    topology_kind kind;
    bool tls;
};
constexpr std::array<scheme, 6> schemes{{{"redis", topology_kind::standalone, false},
                                         {"rediss", topology_kind::standalone, true},
                                         {"redis+sentinel", topology_kind::sentinel, false},
                                         {"rediss+sentinel", topology_kind::sentinel, true},
                                         {"redis+cluster", topology_kind::cluster, false},
                                         {"rediss+cluster", topology_kind::cluster, true}}};

base::failure wrong(std::string what) {
    return {base::errc::invalid_request, "The address of Redis " + std::move(what)};
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        if (i + 2 >= text.size()) return {};
        const int high = hex_digit(text[i + 1]);
        const int low = hex_digit(text[i + 2]);
        if (high < 0 || low < 0) return {};
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

// user[:password], or nothing when it is badly encoded.
std::optional<credentials> read_login(std::string_view text) {
    const auto colon = text.find(':');
    auto user = percent_decoded(text.substr(0, colon));
    auto password = percent_decoded(colon == text.npos ? "" : text.substr(colon + 1));
    if (!user || !password) return {};
    return credentials{std::move(*user), std::move(*password)};
}

bool is_host(std::string_view host) {
    return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-' || c == '_' || c == ':';
    });
}

std::optional<endpoint> read_endpoint(std::string_view text, std::uint16_t usual_port) {
    std::string_view host = text.substr(0, text.find(':'));
    std::string_view rest = text.substr(host.size());
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == text.npos) return {};
        host = text.substr(1, end - 1);
        rest = text.substr(end + 1);
        if (host.find(':') == host.npos) return {};
    }
    endpoint at{std::string(host), usual_port};
    if (!is_host(host)) return {};
    if (rest.empty()) return at;
    if (rest.size() < 2 || rest.front() != ':') return {};
    rest.remove_prefix(1);
    const auto [stop, ec] = std::from_chars(rest.data(), rest.data() + rest.size(), at.port);
    if (ec != std::errc{} || stop != rest.data() + rest.size() || at.port == 0) return {};
    return at;
}

std::optional<std::vector<endpoint>> read_endpoints(std::string_view text, std::uint16_t usual) {
    std::vector<endpoint> found;
    while (found.size() < most_endpoints) {
        const auto comma = text.find(',');
        auto at = read_endpoint(text.substr(0, comma), usual);
        if (!at) return {};
        if (std::find(found.begin(), found.end(), *at) == found.end())
            found.push_back(std::move(*at));
        if (comma == text.npos) return found;
        text.remove_prefix(comma + 1);
    }
    return {};
}

// ?sentinel_user=...&sentinel_password=...; false for anything else.
bool read_query(std::string_view query, deployment& into) {
    while (!query.empty()) {
        const auto pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
        const auto equals = pair.find('=');
        if (equals == pair.npos) return false;
        const auto name = pair.substr(0, equals);
        auto value = percent_decoded(pair.substr(equals + 1));
        if (!value) return false;
        if (name == "sentinel_user") into.sentinel_login.user = std::move(*value);
        else if (name == "sentinel_password") into.sentinel_login.password = std::move(*value);
        else return false;
    }
    return true;
}

// What stands after the hosts.
std::optional<base::failure> read_path(std::string_view path, std::string_view query,
                                       deployment& into) {
    const bool sentinel = into.kind == topology_kind::sentinel;
    if (path.starts_with('/')) path.remove_prefix(1);
    if (sentinel) {
        auto name = percent_decoded(path);
        if (!name || name->empty() || name->find('/') != name->npos)
            return wrong("wants the name of the primary after the Sentinels: .../name.");
        into.primary_name = std::move(*name);
    } else if (!path.empty() && !(path == "0" && into.kind == topology_kind::standalone)) {
        return wrong("has a path; there is no other database than 0.");
    }
    if (!query.empty() && (!sentinel || !read_query(query, into)))
        return wrong("has a query that is not understood.");
    if (into.sentinel_login.password.empty() && !into.sentinel_login.user.empty())
        return wrong("names a user of the Sentinels without a password.");
    return {};
}

}  // namespace

std::string to_text(const endpoint& at) {
    const bool v6 = at.host.find(':') != at.host.npos;
    return (v6 ? '[' + at.host + ']' : at.host) + ':' + std::to_string(at.port);
}

base::result<deployment> parse_deployment(std::string_view url) {
    const auto colon = url.find("://");
    if (url.size() > longest_url || colon == url.npos)
        return wrong("is no URL like redis://host:6379.");
    const auto known = std::find_if(schemes.begin(), schemes.end(), [&](const scheme& s) {
        return s.name == url.substr(0, colon);
    });
    if (known == schemes.end())
        return wrong(
            "begins with none of redis://, redis+sentinel://, redis+cluster:// and the "
            "same with rediss for TLS.");
    if (url.find('#') != url.npos) return wrong("has a fragment (#); in a password write %23.");

    deployment d;
    d.kind = known->kind;
    d.tls = known->tls;
    std::string_view rest = url.substr(colon + 3);
    const auto question = rest.find('?');
    const auto query = question == rest.npos ? "" : rest.substr(question + 1);
    rest = rest.substr(0, question);
    const auto at_sign = rest.rfind('@');
    if (at_sign != rest.npos) {
        auto login = read_login(rest.substr(0, at_sign));
        if (!login) return wrong("has a user or password with a broken percent-encoding.");
        d.login = std::move(*login);
        if (d.login.password.empty()) return wrong("names a user without a password.");
        rest.remove_prefix(at_sign + 1);
    }
    const auto hosts = rest.substr(0, rest.find('/'));
    auto at = read_endpoints(hosts, d.kind == topology_kind::sentinel ? sentinel_port : redis_port);
    if (!at) return wrong("has no host, or a host or port that is none.");
    if (d.kind == topology_kind::standalone && at->size() > 1)
        return wrong("names several hosts; that is for redis+sentinel:// and redis+cluster://.");
    d.at = std::move(*at);
    if (auto fault = read_path(rest.substr(hosts.size()), query, d)) return std::move(*fault);
    return d;
}

std::string to_text(const deployment& d) {
    const auto known = std::find_if(schemes.begin(), schemes.end(), [&](const scheme& s) {
        return s.kind == d.kind && s.tls == d.tls;
    });
    std::string out(known->name);
    out += "://";
    for (const auto& at : d.at) out += (&at == d.at.data() ? "" : ",") + to_text(at);
    if (!d.primary_name.empty()) out += '/' + d.primary_name;
    return out;
}

}  // namespace tallycast::redis
