// Addresses, origins and URLs of parse_value.hpp.

#include "parse_value.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <optional>

namespace tallycast::config {

namespace {

base::failure wrong(std::string_view text, std::string_view why) {
    return {base::errc::invalid_request, '"' + std::string(text) + "\" " + std::string(why)};
}

template <class Integer>
std::optional<Integer> whole_number(std::string_view text) {
    Integer value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

bool is_address(int family, std::string_view text) {
    in6_addr room{};
    if (inet_pton(family, std::string(text).c_str(), &room) != 1) return false;
    return family == AF_INET ||
           !IN6_IS_ADDR_V4MAPPED(&room);  // an IPv4 address has one way to be written
}

bool is_host_name(std::string_view text) {
    return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
}

struct url {
    std::string origin;
    std::string_view rest;  // from the path's slash on
};

// host[:port] with the scheme's own port left out, as browsers write it; empty when it is not one.
std::string authority(std::string text, std::string_view own_port) {
    const bool bracketed = text.starts_with('[');
    const auto host_end = bracketed ? text.find(']') + 1 : std::min(text.find(':'), text.size());
    std::string host = text.substr(0, host_end);
    const bool good_host =
        bracketed ? host.size() > 2 && is_address(AF_INET6, host.substr(1, host.size() - 2))
                  : is_host_name(host);
    if (!good_host) return {};
    if (host_end == text.size()) return host;
    const auto port = whole_number<std::uint16_t>(std::string_view(text).substr(host_end + 1));
    if (text[host_end] != ':' || !port || *port == 0) return {};
    const std::string port_text = std::to_string(*port);
    return port_text == own_port ? host : host + ':' + port_text;
}

std::optional<url> parse_url(std::string_view text) {
    const auto scheme_end = text.find("://");
    if (scheme_end == std::string_view::npos) return std::nullopt;
    const auto lower = [](std::string_view part) {
        std::string copy(part);
        for (char& c : copy)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        return copy;
    };
    const std::string scheme = lower(text.substr(0, scheme_end));
    if (scheme != "http" && scheme != "https") return std::nullopt;
    const auto path = std::min(text.find_first_of("/?#", scheme_end + 3), text.size());
    const std::string where = authority(lower(text.substr(scheme_end + 3, path - scheme_end - 3)),
                                        scheme == "http" ? "80" : "443");
    if (where.empty()) return std::nullopt;
    return url{scheme + "://" + where, text.substr(path)};
}

}  // namespace

base::result<endpoint> parse_endpoint(std::string_view text) {
    constexpr std::string_view form =
        "is not address:port, such as 0.0.0.0:8080 or [::1]:8080 (the address in numbers)";
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return wrong(text, form);
    std::string_view address = text.substr(0, colon);
    const bool bracketed = address.size() > 2 && address.front() == '[' && address.back() == ']';
    if (bracketed) address = address.substr(1, address.size() - 2);
    if (!is_address(bracketed ? AF_INET6 : AF_INET, address)) return wrong(text, form);
    const auto port = whole_number<std::uint16_t>(text.substr(colon + 1));
    if (!port) return wrong(text, "has no port from 0 to 65535 after its last colon");
    return endpoint{std::string(address), *port};
}

base::result<std::string> parse_address_block(std::string_view text) {
    const auto slash = text.find('/');
    const std::string_view address = text.substr(0, slash);
    const bool v4 = is_address(AF_INET, address);
    if (!v4 && !is_address(AF_INET6, address))
        return wrong(text, "is not an address block such as 10.0.0.0/8, fd00::/8 or 192.0.2.7");
    if (slash != std::string_view::npos) {
        const auto bits = whole_number<unsigned>(text.substr(slash + 1));
        if (!bits || *bits > (v4 ? 32U : 128U))
            return wrong(text,
                         v4 ? "needs 0 to 32 after the slash" : "needs 0 to 128 after the slash");
    }
    return std::string(text);
}

base::result<std::string> parse_origin(std::string_view text) {
    if (text == "*") return wrong(text, "is not allowed: name each origin");
    const auto parsed = parse_url(text);
    if (!parsed || !parsed->rest.empty())
        return wrong(
            text,
            "is not an origin such as https://vote.example.org (no path, no slash at the end)");
    return parsed->origin;
}

base::result<std::string> parse_public_url(std::string_view text) {
    if (text.empty()) return std::string{};
    auto parsed = parse_url(text);
    if (!parsed || parsed->rest.find_first_of("?# ") != std::string_view::npos)
        return wrong(text, "is not an address such as https://vote.example.org");
    while (parsed->rest.ends_with('/')) parsed->rest.remove_suffix(1);
    return parsed->origin.append(parsed->rest);
}

}  // namespace tallycast::config
