#include <support/redis_cluster.hpp>

namespace tallycast::test {

redis_cluster::redis_cluster(std::size_t primaries, bool with_replicas,
                             std::vector<std::string> environment,
                             std::chrono::milliseconds node_timeout)
    : primaries_(primaries), environment_(std::move(environment)), node_timeout_(node_timeout) {
    const auto all = with_replicas ? 2 * primaries : primaries;
    for (std::size_t i = 0; i < all; ++i) start_one();
    for (std::size_t i = 0; i < all; ++i) {
        servers_[i]->say({"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1)});
        if (i > 0) meet(i);
    }
    for (std::size_t i = 0; i < primaries; ++i) {
        const auto [first, last] = slots_of(i);
        servers_[i]->say({"CLUSTER", "ADDSLOTSRANGE", std::to_string(first), std::to_string(last)});
    }
    const auto size = "cluster_known_nodes:" + std::to_string(all) + "\r";
    for (const auto& one : servers_) one->wait_until_said({"CLUSTER", "INFO"}, size);
    for (std::size_t i = primaries; i < all; ++i)
        servers_[i]->say({"CLUSTER", "REPLICATE", id_of(i - primaries)});
    wait_until_all_agree();
}

void redis_cluster::start_one() {
    bus_ports_.push_back(free_port());
    std::vector<std::string> arguments{"--cluster-enabled",
                                       "yes",
                                       "--cluster-port",
                                       std::to_string(bus_ports_.back()),
                                       "--cluster-node-timeout",
                                       std::to_string(node_timeout_.count()),
                                       "--cluster-require-full-coverage",
                                       "no",
                                       "--cluster-allow-replica-migration",
                                       "no",
                                       "--repl-diskless-sync-delay",
                                       "0"};
    servers_.push_back(std::make_unique<redis_server>(std::move(arguments), std::uint16_t{0},
                                                      std::vector<std::string>{}, environment_));
}

void redis_cluster::meet(std::size_t number) {
    servers_[0]->say({"CLUSTER", "MEET", "127.0.0.1", std::to_string(servers_[number]->port()),
                      std::to_string(bus_ports_[number])});
}

void redis_cluster::wait_until_all_agree() const {
    const auto replicas = servers_.size() - primaries_;
    for (const auto& one : servers_) {
        one->wait_until_said({"CLUSTER", "INFO"}, "cluster_state:ok");
        one->wait_until_said({"CLUSTER", "INFO"},
                             "cluster_size:" + std::to_string(primaries_) + "\r");
        if (replicas > 0)
            one->wait_until_said({"CLUSTER", "NODES"}, "slave ", static_cast<int>(replicas));
    }
    for (std::size_t i = 0; i < replicas; ++i)
        servers_[i]->wait_until_said({"INFO", "replication"}, "state=online");
}

std::size_t redis_cluster::add_primary() {
    start_one();
    const auto number = servers_.size() - 1;
    meet(number);
    const auto size = "cluster_known_nodes:" + std::to_string(servers_.size()) + "\r";
    for (const auto& one : servers_) one->wait_until_said({"CLUSTER", "INFO"}, size);
    servers_[number]->wait_until_said({"CLUSTER", "INFO"}, "cluster_state:ok");
    return number;
}

std::string redis_cluster::url() const { return "redis+cluster://" + servers_[0]->address(); }

std::pair<int, int> redis_cluster::slots_of(std::size_t number) const {
    const auto each = 16384 / static_cast<int>(primaries_);
    const auto first = each * static_cast<int>(number);
    return {first, number + 1 == primaries_ ? 16383 : first + each - 1};
}

std::string redis_cluster::id_of(std::size_t number) const {
    return servers_[number]->say({"CLUSTER", "MYID"});
}

}  // namespace tallycast::test
