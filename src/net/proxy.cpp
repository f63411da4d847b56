#include <tallycast/net/proxy.hpp>

#include <tallycast/domain/fingerprint.hpp>

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>

#include <algorithm>
#include <charconv>
#include <span>
#include <string>

namespace tallycast::net {

namespace ip = boost::asio::ip;

namespace {

// An IPv4 address that came through an IPv6 socket is the IPv4 address it was.
ip::address plain(const ip::address& address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return ip::make_address_v4(ip::v4_mapped, address.to_v6());
    return address;
}

bool agree(std::span<const unsigned char> a, std::span<const unsigned char> b, unsigned bits) {
    for (std::size_t i = 0; i < a.size() && bits > 0; ++i) {
        const unsigned here = std::min(bits, 8u);
        const auto mask = static_cast<unsigned char>(0xff << (8 - here));
        if ((a[i] & mask) != (b[i] & mask)) return false;
        bits -= here;
    }
    return true;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

std::optional<ip::address> parse_address(std::string_view text) {
    boost::system::error_code ec;
    const auto address = ip::make_address(std::string(text), ec);
    if (ec) return std::nullopt;
    return plain(address);
}

}  // namespace

std::optional<address_block> parse_address_block(std::string_view text) {
    const auto slash = text.find('/');
    const auto network = parse_address(text.substr(0, slash));
    if (!network) return std::nullopt;
    const unsigned longest = network->is_v4() ? 32 : 128;
    unsigned prefix = longest;
    if (slash != std::string_view::npos) {
        const auto digits = text.substr(slash + 1);
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
        if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size() || prefix > longest)
            return std::nullopt;
    }
    return address_block{*network, prefix};
}

bool contains(const address_block& block, const ip::address& raw) {
    const auto address = plain(raw);
    if (address.is_v4() != block.network.is_v4()) return false;
    if (address.is_v4())
        return agree(address.to_v4().to_bytes(), block.network.to_v4().to_bytes(), block.prefix);
    return agree(address.to_v6().to_bytes(), block.network.to_v6().to_bytes(), block.prefix);
}

bool any_contains(const std::vector<address_block>& blocks, const ip::address& address) {
    return std::ranges::any_of(blocks,
                               [&](const address_block& b) { return contains(b, address); });
}

ip::address client_address(const ip::address& peer, std::string_view forwarded_for,
                           const std::vector<address_block>& trusted) {
    ip::address nearest = plain(peer);
    while (any_contains(trusted, nearest) && !forwarded_for.empty()) {
        const auto comma = forwarded_for.rfind(',');
        const auto last =
            comma == std::string_view::npos ? forwarded_for : forwarded_for.substr(comma + 1);
        const auto address = parse_address(trimmed(last));
        if (!address) break;
        nearest = *address;
        forwarded_for =
            comma == std::string_view::npos ? std::string_view{} : forwarded_for.substr(0, comma);
    }
    return nearest;
}

std::uint64_t limit_key(const ip::address& raw) {
    const auto address = plain(raw);
    const auto hash = [](const auto& bytes, std::size_t count) {
        return domain::mix({reinterpret_cast<const char*>(bytes.data()), count}, count);
    };
    return address.is_v4() ? hash(address.to_v4().to_bytes(), 4)
                           : hash(address.to_v6().to_bytes(), 8);
}

}  // namespace tallycast::net
