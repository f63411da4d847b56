#pragma once
// The bounds of a link to Redis. Everything has one.

#include <chrono>
#include <cstddef>
#include <string>

namespace tallycast::redis {

struct client_options {
    std::chrono::milliseconds connect_time{1000};  // name, TCP, TLS, AUTH and ROLE, all together
    std::chrono::milliseconds greet_time{10'000};  // one `say` of a greeter
    // Something is owed and nothing comes for so long: the link is dead.
    std::chrono::milliseconds answer_time{500};
    std::chrono::milliseconds first_back_off{50};
    std::chrono::milliseconds longest_back_off{1000};
    std::chrono::milliseconds watch_every{
        1000};  // Sentinels or the cluster, and each link's health
    std::chrono::milliseconds fence_after{3000};  // without a majority
    std::size_t most_commands = 65'536;           // waiting or under way, over all links
    std::size_t most_bytes = 64 * 1024 * 1024;
    bool read_replicas = false;  // keeps links to replicas for call_replica
    std::string ca_file;         // PEM of the authorities trusted for TLS; empty: the system's
};

}  // namespace tallycast::redis
