#include "server_role.hpp"

#include "info_text.hpp"

#include <charconv>

namespace tallycast::redis {

std::optional<server_role> read_role(const reply& answer) {
    if (answer.what != reply::kind::array || answer.items.empty()) return {};
    const auto& word = answer.items.front().text;
    if (word == "master") return server_role::primary;
    if (word == "slave") return server_role::replica;
    if (word == "sentinel") return server_role::sentinel;
    return {};
}

std::optional<history> read_history(const reply& info_replication) {
    const auto replid = line_of(info_replication.text, "master_replid");
    const auto replid2 = line_of(info_replication.text, "master_replid2");
    const auto offset = line_of(info_replication.text, "second_repl_offset");
    if (!replid || !replid2 || !offset) return {};
    history found{std::string(*replid), std::string(*replid2), -1};
    const auto end = offset->data() + offset->size();
    if (std::from_chars(offset->data(), end, found.second_offset).ptr != end) return {};
    return found;
}

}  // namespace tallycast::redis
