#include "server_facts.hpp"

#include "info_text.hpp"

namespace tallycast::redis {

namespace {

constexpr int oldest_version = 7;

// Of CONFIG GET; empty where it is not allowed, as in hosted servers.
std::string setting(const reply& answer, std::string_view name) {
    for (std::size_t i = 0; i + 1 < answer.items.size(); i += 2)
        if (answer.items[i].text == name) return answer.items[i + 1].text;
    return {};
}

base::failure unusable(std::string why) { return {base::errc::store_unavailable, std::move(why)}; }

}  // namespace

pipeline questions_to_server(durability wanted) {
    pipeline all{command{"INFO", "server"}, command{"INFO", "memory"},
                 command{"INFO", "replication"}};
    if (wanted == durability::fsync) all.push_back(command{"CONFIG", "GET", "append*"});
    return all;
}

base::result<server_facts> facts_of(const replies& answers, durability wanted) {
    for (std::size_t i = 0; i < 3; ++i)
        if (answers[i].is_error()) return unusable("Redis refuses INFO: " + answers[i].text);
    const auto version = line_of(answers[0].text, "redis_version").value_or("");
    if (number_of(answers[0].text, "redis_version") < oldest_version)
        return unusable("Redis " + std::string(version) +
                        " is too old: 7.0 or newer, or Valkey, is needed");
    const auto policy = line_of(answers[1].text, "maxmemory_policy").value_or("");
    const bool limited = line_of(answers[1].text, "maxmemory") != "0";
    if (limited && !policy.empty() && policy != "noeviction")
        return unusable("Redis may throw ballots away (maxmemory-policy " + std::string(policy) +
                        "): set maxmemory-policy noeviction");
    const auto replicas = number_of(answers[2].text, "connected_slaves");
    const bool flushes = answers.size() > 3 && setting(answers[3], "appendonly") == "yes" &&
                         setting(answers[3], "appendfsync") == "always";
    switch (wanted) {
        case durability::async: return server_facts{};
        case durability::automatic: return server_facts{{replicas > 0 ? 1 : 0}};
        case durability::replicated:
            if (replicas > 0) return server_facts{{1, waiting::always}};
            return unusable("--durability replicated needs a replica, and the primary has none");
        case durability::fsync:
            if (flushes) return server_facts{};
            return unusable(
                "--durability fsync needs `appendonly yes` and `appendfsync always` in Redis");
    }
    return server_facts{};
}

}  // namespace tallycast::redis
