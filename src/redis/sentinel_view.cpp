#include "sentinel_view.hpp"

#include "fence.hpp"

#include <algorithm>
#include <charconv>

namespace tallycast::redis {

namespace {

std::optional<endpoint> read_host_and_port(std::string_view host, std::string_view port) {
    endpoint at{std::string(host), 0};
    const auto end = port.data() + port.size();
    const auto read = std::from_chars(port.data(), end, at.port);
    if (host.empty() || read.ec != std::errc{} || read.ptr != end || at.port == 0) return {};
    return at;
}

// The value after `name` in [name, value, name, value...].
std::string_view field(const reply& pairs, std::string_view name) {
    for (std::size_t i = 0; i + 1 < pairs.items.size(); i += 2)
        if (pairs.items[i].text == name) return pairs.items[i + 1].text;
    return {};
}

}  // namespace

std::optional<endpoint> read_primary_address(const reply& answer) {
    if (answer.what != reply::kind::array || answer.items.size() != 2) return {};
    return read_host_and_port(answer.items[0].text, answer.items[1].text);
}

sentinel_word read_word(const reply& address, const reply& state) {
    sentinel_word said{read_primary_address(address)};
    const auto epoch = field(state, "config-epoch");
    std::from_chars(epoch.data(), epoch.data() + epoch.size(), said.epoch);
    // The flag stays until all replicas have gone over; the address named changes before.
    const auto flags = field(state, "flags");
    const auto replaced = read_host_and_port(field(state, "ip"), field(state, "port"));
    said.replacing = flags.find("failover_in_progress") != flags.npos && replaced == said.primary;
    return said;
}

std::vector<endpoint> read_replicas(const reply& answer) {
    std::vector<endpoint> found;
    for (const auto& one : answer.items) {
        const auto flags = field(one, "flags");
        if (flags.find("down") != flags.npos || flags.find("disconnected") != flags.npos) continue;
        if (auto at = read_host_and_port(field(one, "ip"), field(one, "port")))
            found.push_back(std::move(*at));
    }
    return found;
}

std::optional<endpoint> agreed_on(const std::vector<std::optional<endpoint>>& named) {
    for (const auto& one : named) {
        if (!one) continue;
        const auto votes = std::count(named.begin(), named.end(), one);
        if (static_cast<std::size_t>(votes) >= majority_of(named.size())) return one;
    }
    return {};
}

bool is_doubted(const endpoint& primary, const std::vector<sentinel_word>& words) {
    std::uint64_t known = 0;
    for (const auto& word : words)
        if (word.primary == primary) known = std::max(known, word.epoch);
    return std::ranges::any_of(words, [&](const sentinel_word& word) {
        if (word.primary == primary) return word.replacing;
        return word.primary && word.epoch > known;
    });
}

bool is_about(std::string_view message, std::string_view primary_name) {
    constexpr std::string_view kind = "master ";
    if (message.starts_with(kind)) message.remove_prefix(kind.size());
    return message.size() > primary_name.size() && message.starts_with(primary_name) &&
           message[primary_name.size()] == ' ';
}

}  // namespace tallycast::redis
