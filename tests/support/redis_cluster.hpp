#pragma once
// A cluster of the test's own: so many primaries, each with a replica or none, that replace each
// other quickly.

#include <support/redis_server.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tallycast::test {

class redis_cluster {
public:
    // `environment`: NAME=value, for each server. `node_timeout`: after so long without a word a
    // server is taken for dead.
    explicit redis_cluster(
        std::size_t primaries = 3, bool with_replicas = true,
        std::vector<std::string> environment = {},
        std::chrono::milliseconds node_timeout = std::chrono::milliseconds(1500));

    std::string url() const;  // names the first server only
    redis_server& primary(std::size_t number) { return *servers_[number]; }
    redis_server& replica(std::size_t number) { return *servers_[primaries_ + number]; }
    std::size_t primaries() const { return primaries_; }
    std::vector<std::unique_ptr<redis_server>>& servers() { return servers_; }

    // One more primary, without slots; its number among servers().
    std::size_t add_primary();
    // The slots of a primary at the beginning.
    std::pair<int, int> slots_of(std::size_t number) const;
    std::string id_of(std::size_t number) const;

private:
    void start_one();
    void meet(std::size_t number);
    void wait_until_all_agree() const;

    std::size_t primaries_;
    std::vector<std::string> environment_;
    std::chrono::milliseconds node_timeout_;
    std::vector<std::unique_ptr<redis_server>> servers_;  // the primaries first
    std::vector<std::uint16_t> bus_ports_;
};

}  // namespace tallycast::test
