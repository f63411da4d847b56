#include "slot_map.hpp"

#include "verdict.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace tallycast::redis {

namespace {

using epochs = std::map<std::string, std::uint64_t, std::less<>>;  // by the node's id

std::string_view take_word(std::string_view& line) {
    const auto word = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(word.size() + 1, line.size()));
    return word;
}

// <id> <address> <flags> <master> <ping-sent> <pong-recv> <config-epoch> <link-state> <slots>...
std::optional<epochs> read_epochs(const reply& nodes) {
    if (!nodes.is_text()) return {};
    epochs found;
    std::string_view text = nodes.text;
    while (!text.empty()) {
        auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const auto id = take_word(line);
        for (int skipped = 0; skipped < 5; ++skipped) take_word(line);
        const auto epoch = take_word(line);
        std::uint64_t number = 0;
        const auto read = std::from_chars(epoch.data(), epoch.data() + epoch.size(), number);
        if (id.empty() || epoch.empty() || read.ec != std::errc{}) return {};
        found.emplace(id, number);
    }
    return found;
}

// [host, port, id, ...]
std::optional<endpoint> read_node(const reply& node, const endpoint& from) {
    if (node.items.size() < 3 || node.items[1].what != reply::kind::integer) return {};
    const auto port = node.items[1].number;
    if (port < 1 || port > 65535) return {};
    const auto& host = node.items[0].text;
    return endpoint{host.empty() || host == "?" ? from.host : host,
                    static_cast<std::uint16_t>(port)};
}

// [first, last, primary, replica...]
std::optional<cluster_view::shard> read_shard(const reply& row, const epochs& known,
                                              const endpoint& from) {
    if (row.items.size() < 3 || row.items[0].what != reply::kind::integer ||
        row.items[1].what != reply::kind::integer)
        return {};
    const auto first = row.items[0].number;
    const auto last = row.items[1].number;
    if (first < 0 || last < first || last >= static_cast<std::int64_t>(slot_count)) return {};
    auto primary = read_node(row.items[2], from);
    if (!primary) return {};
    cluster_view::shard shard;
    shard.slots = {static_cast<slot>(first), static_cast<slot>(last)};
    shard.primary = std::move(*primary);
    const auto epoch = known.find(row.items[2].items[2].text);
    if (epoch != known.end()) shard.epoch = epoch->second;
    for (std::size_t i = 3; i < row.items.size(); ++i)
        if (auto replica = read_node(row.items[i], from))
            shard.replicas.push_back(std::move(*replica));
    return shard;
}

}  // namespace

std::optional<cluster_view> read_cluster_view(const reply& slots, const reply& nodes,
                                              const endpoint& from) {
    const auto known = read_epochs(nodes);
    if (!known || slots.what != reply::kind::array) return {};
    cluster_view view;
    for (const auto& row : slots.items) {
        auto shard = read_shard(row, *known, from);
        if (!shard) return {};
        view.shards.push_back(std::move(*shard));
    }
    return view;
}

}  // namespace tallycast::redis
