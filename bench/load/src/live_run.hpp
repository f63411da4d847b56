#pragma once
// What fan-out and idle connections have in common: an audience in front of a poll, and at the end
// one more look at who saw what.

#include "live_options.hpp"
#include "poll_run.hpp"

#include <tallycast/load/audience.hpp>

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace tallycast::load {

class live_run {
public:
    live_run(const live_options& from, endpoints nodes);

    audience& people() noexcept { return people_; }
    // Joins so many voters who will vote by `vote` with the same index.
    void join(const std::vector<std::uint32_t>& voters_each);
    // An open loop at this rate until the crowd of that index has voted.
    void vote(std::size_t crowd, double rate);
    // Closes the poll; every subscriber must come to see its final results.
    verdict finish();

private:
    const live_options& from_;
    endpoints nodes_;
    host_client host_;
    staged_poll poll_;
    stage where_;
    audience people_;
    std::vector<std::vector<plan>> crowds_;  // of one part each
};

// What a mode does with its audience; all else is the same for all of them. Both give the report,
// or none, with a word on stderr, when the run cannot be one.
struct live_script {
    live_mode mode;
    std::optional<nlohmann::json> (*watch_node)(const live_options&, live_run&);
    // A server that is no node.
    std::optional<nlohmann::json> (*watch_strangers)(const live_options&, audience&);
    void (*print)(std::ostream&, const nlohmann::json&);
};

// The whole run; exit codes as in run.hpp.
int run_live(const live_script& script, const std::vector<std::string>& args);

// Whether all of them came in; says so on stderr otherwise.
bool admit_all(audience& people, const live_options& from, std::uint32_t more);

}  // namespace tallycast::load
