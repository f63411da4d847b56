#pragma once
// One stretch of a run (joining, voting, replaying): a pump on each thread, progress for whoever
// watches, and what it all came to.

#include <tallycast/load/options.hpp>
#include <tallycast/load/pump.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tallycast::load {

struct phase_result {
    std::uint64_t wanted = 0;
    std::uint64_t settled = 0;
    std::uint64_t asked = 0;
    std::uint64_t answers = 0;
    std::uint64_t retries = 0;
    std::uint64_t unanswered = 0;
    std::uint64_t reconnects = 0;
    std::array<std::uint64_t, 600> statuses{};
    std::array<std::uint64_t, 600> unadvised{};
    std::vector<std::uint64_t> settled_in_second;
    std::uint64_t late = 0;  // open loop: due questions that the client itself noticed too late
    histogram latency;
    histogram last_try;
    std::vector<rate_step> steps;  // open loop: as intended
    std::vector<histogram> step_latency;
    std::size_t threads = 0;
    std::chrono::duration<double> elapsed{0};
    std::chrono::duration<double> cpu{0};  // of this process
    double per_second() const {
        return elapsed.count() > 0 ? static_cast<double>(settled) / elapsed.count() : 0;
    }
};

// Why an open loop says nothing about the node: its own client had no time to spare, or was late.
// Nothing when it was neither.
std::optional<std::string> bottleneck(const phase_result& phase);

struct phase_wishes {
    std::string title;  // of the progress line
    std::vector<boost::asio::ip::tcp::endpoint> nodes;
    std::optional<schedule> open_loop;
    std::function<std::unique_ptr<protocol>()> speaks;
};

// One thread for each part. Every part's pump gets an even share of the connections and of the
// rate.
phase_result run_phase(const options& from, const phase_wishes& wishes,
                       const std::vector<std::unique_ptr<work>>& parts);

}  // namespace tallycast::load
