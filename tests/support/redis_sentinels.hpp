#pragma once
// A primary, two replicas and three Sentinels that replace it quickly, all of the test's own.

#include <support/redis_server.hpp>

#include <memory>
#include <string>
#include <vector>

namespace tallycast::test {

class redis_sentinels {
public:
    redis_sentinels() {
        servers.push_back(std::make_unique<redis_server>(
            std::vector<std::string>{"--repl-diskless-sync-delay", "0"}));
        for (int i = 0; i < 2; ++i)
            servers.push_back(std::make_unique<redis_server>(std::vector<std::string>{
                "--replicaof", "127.0.0.1", std::to_string(servers[0]->port()),
                "--repl-diskless-sync-delay", "0"}));
        const auto lines = "sentinel monitor tally 127.0.0.1 " +
                           std::to_string(servers[0]->port()) +
                           " 2\nsentinel down-after-milliseconds tally 1000\n"
                           "sentinel failover-timeout tally 5000\n";
        for (int i = 0; i < 3; ++i)
            sentinels.push_back(std::make_unique<redis_server>(redis_server::sentinel{lines}));
        wait_until_all_know_each_other();
    }

    std::string url() const {
        std::string text = "redis+sentinel://";
        for (const auto& one : sentinels)
            text += (one == sentinels.front() ? "" : ",") + one->address();
        return text + "/tally";
    }

    std::vector<std::unique_ptr<redis_server>> servers;  // the first primary is the first
    std::vector<std::unique_ptr<redis_server>> sentinels;

private:
    void wait_until_all_know_each_other() const {
        servers[0]->wait_until_said({"INFO", "replication"}, "state=online", 2);
        for (const auto& one : sentinels)
            one->wait_until_said({"INFO", "sentinel"}, "slaves=2,sentinels=3");
    }
};

}  // namespace tallycast::test
