#pragma once
// People of an event from the first join to the last goodbye: what `event` and `soak` are made of.
// Each step gives its part of the report; everything that must hold is kept in one verdict.

#include "evening_options.hpp"
#include "poll_run.hpp"

#include <tallycast/load/gathering.hpp>
#include <tallycast/load/process_figures.hpp>

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace tallycast::load {

class evening {
public:
    // Makes the event. Throws host_error here and in all steps when the nodes cannot be driven.
    evening(const evening_options& from, endpoints nodes);

    nlohmann::json play(const evening_phase& phase);
    // Deletes the event with all its polls.
    void clear_up();
    // Deletes the poll that was closed last.
    void forget_poll();

    // All checks so far, each claim once: it holds when it held every time.
    const verdict& outcome() const noexcept { return outcome_; }
    // Why a figure says nothing about the nodes.
    const std::vector<std::string>& bottlenecks() const noexcept { return bottlenecks_; }

private:
    nlohmann::json join(const evening_phase& phase);
    nlohmann::json poll(const evening_phase& phase);
    nlohmann::json storm(const evening_phase& phase);
    nlohmann::json hold(const evening_phase& phase);
    nlohmann::json leave(const evening_phase& phase);

    plan plan_of(double share);
    void judge(phase_result& result, const std::string& name);
    void hold_to(const verdict& more);
    // Whether everybody is counted before the patience is over.
    bool all(const std::string& title, const std::function<std::size_t()>& count);

    const evening_options& from_;
    endpoints nodes_;
    host_client host_;
    staged_poll poll_;
    stage where_;
    gathering people_;
    std::vector<voter> voters_;  // in the order of the seats
    std::uint32_t polls_ = 0;
    verdict outcome_;
    std::vector<std::string> bottlenecks_;
};

// Prints what must hold and whether it does, writes the report; the exit code as in run.hpp.
int conclude(std::ostream& out, const evening_options& from, evening& over, nlohmann::json report);

}  // namespace tallycast::load
