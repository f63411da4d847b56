#include <redis/diagnosis.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>

namespace tallycast::redis {
namespace {

using namespace std::chrono_literals;

const named_texts good_settings{
    {"appendfsync", "everysec"},       {"repl-diskless-load", "swapdb"},
    {"repl-backlog-size", "67108864"}, {"min-replicas-to-write", "1"},
    {"min-replicas-max-lag", "2"},     {"cluster-require-full-coverage", "no"},
    {"cluster-node-timeout", "5000"}};

server_report server(std::uint16_t port, std::uint16_t primary, int replicas = 0) {
    server_report made;
    made.at = {"10.0.0.1", port};
    made.follows = {"10.0.0.1", primary};
    made.info =
        "redis_version:8.6.3\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\n"
        "aof_enabled:1\r\naof_last_write_status:ok\r\nconnected_slaves:" +
        std::to_string(replicas) + "\r\n";
    made.settings = good_settings;
    made.library = library_state::same;
    return made;
}

sentinel_report sentinel(std::uint16_t port) {
    return {{"10.0.0.2", port},
            {},
            {{"down-after-milliseconds", "5000"}, {"num-other-sentinels", "2"}, {"quorum", "2"}}};
}

survey behind_sentinels() {
    survey all;
    all.kind = topology_kind::sentinel;
    all.servers = {server(1, 1, 2), server(2, 1), server(3, 1)};
    all.sentinels = {sentinel(11), sentinel(12), sentinel(13)};
    return all;
}

survey in_cluster() {
    survey all;
    all.kind = topology_kind::cluster;
    for (std::uint16_t i = 1; i <= 3; ++i) {
        all.servers.push_back(server(i, i, 1));
        all.servers.push_back(server(i + 10, i));
    }
    for (auto& one : all.servers) one.settings["min-replicas-to-write"] = "0";
    return all;
}

survey alone() {
    survey all;
    all.servers = {server(1, 1)};
    return all;
}

void replace(std::string& text, const std::string& what, const std::string& by) {
    const auto at = text.find(what);
    ASSERT_NE(at, text.npos) << what;
    text.replace(at, what.size(), by);
}

TEST(Diagnosis, Finds_nothing_where_all_is_well) {
    EXPECT_EQ(diagnosed(behind_sentinels(), durability::automatic), std::vector<finding>{});
    EXPECT_EQ(diagnosed(in_cluster(), durability::replicated), std::vector<finding>{});
}

struct fault {
    const char* name;
    survey (*of)();
    std::function<void(survey&)> made;
    finding_severity severity;
    std::string begins;  // of what
    std::string fix;     // is in the fix
    durability level = durability::automatic;
};

class Fault_of_redis : public testing::TestWithParam<fault> {};

TEST_P(Fault_of_redis, Is_named_with_its_remedy_and_nothing_else_is) {
    auto all = GetParam().of();
    GetParam().made(all);
    const auto found = diagnosed(all, GetParam().level);
    ASSERT_EQ(found.size(), 1u) << (found.empty() ? "" : found[0].what + '\n' + found.back().what);
    EXPECT_EQ(found[0].severity, GetParam().severity);
    EXPECT_TRUE(found[0].what.starts_with(GetParam().begins)) << found[0].what;
    EXPECT_NE(found[0].fix.find(GetParam().fix), std::string::npos) << found[0].fix;
}

auto with(const std::string& what, const std::string& by, std::size_t server = 0) {
    return [=](survey& all) { replace(all.servers[server].info, what, by); };
}
auto setting(const std::string& name, const std::string& value, std::size_t server = 0) {
    return [=](survey& all) { all.servers[server].settings[name] = value; };
}
auto setting_of_all(const std::string& name, const std::string& value) {
    return [=](survey& all) {
        for (auto& one : all.servers) one.settings[name] = value;
    };
}

using enum finding_severity;

const std::vector<fault> faults{
    {"Old", behind_sentinels, with("8.6.3", "6.2.7"), problem, "10.0.0.1:1: Version 6.2.7 is too",
     "7.0"},
    {"Hole", behind_sentinels, with("8.6.3", "7.2.4", 1), warning,
     "10.0.0.1:2: Version 7.2.4 has a known hole, CVE-", "7.2.11"},
    {"Hole_of_a_line_nobody_repairs", behind_sentinels, with("8.6.3", "7.0.15"), advice,
     "10.0.0.1:1: Version 7.0.15 has a known hole", "Debian"},
    {"Hole_of_valkey", behind_sentinels,
     with("redis_version:8.6.3", "redis_version:7.2.4\r\nvalkey_version:8.1.1"), warning,
     "10.0.0.1:1: Version 8.1.1", "8.1.9"},
    {"Eviction", behind_sentinels,
     [](survey& all) {
         replace(all.servers[0].info, "maxmemory:0", "maxmemory:1000000\r\nused_memory:500");
         replace(all.servers[0].info, "noeviction", "allkeys-lru");
     },
     problem, "10.0.0.1:1: With maxmemory-policy allkeys-lru", "noeviction"},
    {"Eviction_without_a_limit", behind_sentinels, with("noeviction", "volatile-ttl"), warning,
     "10.0.0.1:1: With maxmemory-policy volatile-ttl", "noeviction"},
    {"Memory_nearly_full", behind_sentinels,
     with("maxmemory:0", "maxmemory:1000000\r\nused_memory:950000"), warning,
     "10.0.0.1:1: Less than a tenth", "maxmemory"},
    {"No_file", behind_sentinels, with("aof_enabled:1", "aof_enabled:0", 2), warning,
     "10.0.0.1:3: With appendonly no", "appendonly yes"},
    {"File_that_fails", behind_sentinels, with("status:ok", "status:err"), problem,
     "10.0.0.1:1: It could not write", "log"},
    {"Fsync", behind_sentinels, setting("appendfsync", "everysec"), problem,
     "10.0.0.1:1, 10.0.0.1:2, 10.0.0.1:3: It does not keep what --durability fsync",
     "appendfsync always", durability::fsync},
    {"Clock_behind", behind_sentinels, [](survey& all) { all.servers[1].ahead = -3'600'000ms; },
     warning, "10.0.0.1:2: Its clock is 3600.0 s behind", "chrony"},
    {"Other_functions", behind_sentinels,
     [](survey& all) { all.servers[0].library = library_state::other; }, warning,
     "10.0.0.1:1: It has functions of another build", "FUNCTION DELETE"},
    {"No_functions", behind_sentinels,
     [](survey& all) {
         for (auto& one : all.servers) one.library = library_state::missing;
     },
     advice, "10.0.0.1:1: It does not have the functions", "FUNCTION LOAD"},
    {"Hidden_functions", behind_sentinels,
     [](survey& all) { all.servers[0].library = library_state::hidden; }, problem,
     "10.0.0.1:1: The user may not", "rights"},
    {"Hidden_settings", behind_sentinels, [](survey& all) { all.servers[2].settings.clear(); },
     advice, "10.0.0.1:3: CONFIG GET is not allowed", "docs/clustering.md"},
    {"Silent_primary", alone,
     [](survey& all) { all.servers[0].trouble = "10.0.0.1:1: no connection in time"; }, problem,
     "10.0.0.1:1: no connection in time.", "Start it"},
    {"Silent_replica", behind_sentinels,
     [](survey& all) { all.servers[2].trouble = "10.0.0.1:3: no connection in time"; }, warning,
     "10.0.0.1:3: no connection", "Start it"},
    {"Nobody_found", behind_sentinels,
     [](survey& all) {
         all.servers.clear();
         all.trouble = "nobody is there";
     },
     problem, "No server to vote at: nobody is there.", "--store"},
    {"Copy_in_memory", behind_sentinels, setting_of_all("repl-diskless-load", "disabled"), warning,
     "10.0.0.1:1, 10.0.0.1:2, 10.0.0.1:3: With repl-diskless-load disabled", "swapdb"},
    {"Short_backlog", behind_sentinels, setting_of_all("repl-backlog-size", "1048576"), warning,
     "10.0.0.1:1, 10.0.0.1:2, 10.0.0.1:3: repl-backlog-size is 1048576", "64mb"},
    {"Lost_its_primary", behind_sentinels,
     with("aof_enabled:1", "aof_enabled:1\r\nmaster_link_status:down", 1), warning,
     "10.0.0.1:2: It has lost its primary", "log"},
    {"Not_fenced", behind_sentinels, setting_of_all("min-replicas-to-write", "0"), warning,
     "10.0.0.1:1, 10.0.0.1:2, 10.0.0.1:3: min-replicas-to-write is 0", "to-write 1"},
    {"Too_many_wanted", behind_sentinels, setting("min-replicas-to-write", "3"), problem,
     "10.0.0.1:1: min-replicas-to-write is 3 and 2 are attached", "Attach"},
    {"Single_replica_trap", behind_sentinels,
     [](survey& all) {
         all.servers.pop_back();
         replace(all.servers[0].info, "connected_slaves:2", "connected_slaves:1");
     },
     warning, "10.0.0.1:1, 10.0.0.1:2: min-replicas-to-write is 1 with 1 replica: after a failover",
     "one replica more"},
    {"Long_lag", behind_sentinels, setting_of_all("min-replicas-max-lag", "10"), warning,
     "10.0.0.1:1, 10.0.0.1:2, 10.0.0.1:3: min-replicas-max-lag is 10", "max-lag 2"},
    {"No_replica", alone, [](survey&) {}, advice, "10.0.0.1:1: It has no replica", "Attach"},
    {"No_replica_but_promised", alone, [](survey&) {}, problem, "10.0.0.1:1: It has no replica",
     "Attach", durability::replicated},
    {"Full_coverage", in_cluster, setting("cluster-require-full-coverage", "yes"), warning,
     "10.0.0.1:1: With cluster-require-full-coverage yes", "coverage no"},
    {"Nervous_cluster", in_cluster, setting("cluster-node-timeout", "500", 2), warning,
     "10.0.0.1:2: cluster-node-timeout is 500: a busy primary", "5000"},
    {"Slow_cluster", in_cluster, setting("cluster-node-timeout", "15000", 2), advice,
     "10.0.0.1:2: cluster-node-timeout is 15000: votes wait", "5000"},
    {"Forgetful_cluster", in_cluster, setting("cluster-node-timeout", "30000", 2), warning,
     "10.0.0.1:2: cluster-node-timeout is 30000: when it is replaced", "5000"},
    {"Shard_without_copy", in_cluster,
     [](survey& all) {
         all.servers.erase(all.servers.begin() + 1);
         replace(all.servers[0].info, "connected_slaves:1", "connected_slaves:0");
     },
     warning, "10.0.0.1:1: It has no replica: nobody takes its place", "Attach"},
    {"Two_primaries", in_cluster,
     [](survey& all) { all.servers.erase(all.servers.begin(), all.servers.begin() + 2); }, warning,
     "A cluster of fewer than three primaries", "three"},
    {"Silent_sentinel", behind_sentinels,
     [](survey& all) { all.sentinels[1].trouble = "10.0.0.2:12: Connection refused"; }, warning,
     "10.0.0.2:12: Connection refused.", "Sentinel"},
    {"Sentinels_too_few", behind_sentinels, [](survey& all) { all.sentinels.pop_back(); }, warning,
     "--store names 2 Sentinels", "three"},
    {"Sentinels_default_wait", behind_sentinels,
     [](survey& all) {
         for (auto& one : all.sentinels) one.primary["down-after-milliseconds"] = "30000";
     },
     warning, "10.0.0.2:11, 10.0.0.2:12, 10.0.0.2:13: down-after-milliseconds is 30000", "5000"},
    {"Quorum_nobody_has", behind_sentinels,
     [](survey& all) { all.sentinels[0].primary["quorum"] = "4"; }, problem,
     "10.0.0.2:11: Its quorum", "quorum"},
};

INSTANTIATE_TEST_SUITE_P(Diagnosis, Fault_of_redis, testing::ValuesIn(faults),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(Diagnosis, Without_file_and_replica_everything_may_be_lost) {
    auto all = alone();
    replace(all.servers[0].info, "aof_enabled:1", "aof_enabled:0");
    const auto found = diagnosed(all, durability::automatic);
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].severity, finding_severity::problem);
    EXPECT_TRUE(found[0].what.starts_with("10.0.0.1:1: With appendonly no")) << found[0].what;
}

TEST(Diagnosis, Without_a_majority_of_Sentinels_is_a_problem_told_first) {
    auto all = behind_sentinels();
    all.sentinels[0].trouble = all.sentinels[1].trouble = "gone";
    const auto found = diagnosed(all, durability::automatic);
    ASSERT_EQ(found.size(), 3u);
    EXPECT_EQ(found[0].severity, finding_severity::problem);
    EXPECT_TRUE(found[0].what.starts_with("1 of 3 Sentinels")) << found[0].what;
}

}  // namespace
}  // namespace tallycast::redis
