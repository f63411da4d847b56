#include "live_run.hpp"
#include "with_nodes.hpp"

#include <tallycast/load/report.hpp>
#include <tallycast/load/ws_frame.hpp>

#include <algorithm>
#include <iostream>

namespace tallycast::load {

namespace {

constexpr std::chrono::seconds host_patience{60};
constexpr std::chrono::seconds last_results_patience{20};
constexpr std::uint32_t voters_connections = 32;

watch_wishes wishes_of_strangers(const live_options& from) {
    watch_wishes made;
    made.request = upgrade_request(from.targets.front().authority(), from.path, "");
    made.say = from.say;
    made.greeted = false;
    made.tallycast = false;
    return made;
}

int run_before_strangers(const live_script& script, const live_options& from,
                         const endpoints& nodes) {
    audience people(nodes, wishes_of_strangers(from));
    const auto report = script.watch_strangers(from, people);
    if (!report) return 1;
    script.print(from.json_file == "-" ? std::cerr : std::cout, *report);
    return publish(from, *report) && people.lost() == 0 ? 0 : 1;
}

int run_before_nodes(const live_script& script, const live_options& from, const endpoints& nodes) {
    live_run run(from, nodes);
    auto report = script.watch_node(from, run);
    if (!report) return 1;
    const auto outcome = run.finish();
    auto& out = from.json_file == "-" ? std::cerr : std::cout;
    script.print(out, *report);
    print_checks(out, outcome);
    (*report)["checks"] = checks_json(outcome);
    (*report)["holds"] = outcome.holds();
    return publish(from, *report) && outcome.holds() ? 0 : 1;
}

}  // namespace

live_run::live_run(const live_options& from, endpoints nodes)
    : from_(from),
      nodes_(std::move(nodes)),
      host_(nodes_, from.targets.front().authority(), from.host_key,
            std::min(from.timeout, host_patience)),
      poll_(host_.stage(from.choices, false, "Load test")),
      where_{from.targets.front().authority(), poll_.code, poll_.event, poll_.poll},
      people_(nodes_, wishes_for(where_, from.max_hz)) {}

void live_run::join(const std::vector<std::uint32_t>& voters_each) {
    auto joining = from_;
    joining.connections = voters_connections;
    for (const auto voters : voters_each) {
        auto& crowd = crowds_.emplace_back();
        crowd.push_back(make_plan(
            {voters, static_cast<std::uint8_t>(from_.choices), 0, 0, from_.seed + crowds_.size()}));
        join_all(joining, nodes_, where_, crowd);
        if (without_token(crowd) > 0) throw host_error("not every voter could join");
    }
}

void live_run::vote(std::size_t crowd, double rate) {
    auto voting = from_;
    voting.connections = voters_connections;
    vote_all(voting, nodes_, where_, poll_, crowds_[crowd], schedule::steady(rate));
}

verdict live_run::finish() {
    std::vector<const ballot_book*> books;
    for (const auto& crowd : crowds_) books.push_back(&crowd.front().book);
    auto outcome = settle_accounts(host_, poll_, books);
    const auto version = host_.final_results(poll_.poll).value("version", std::uint64_t{0});
    const bool all_saw =
        people_.sweep_until_version(version, audience::clock::now() + last_results_patience);
    outcome.checks.push_back({"every subscriber saw the final results", all_saw, ""});
    outcome.checks.push_back({"no subscriber saw a version fall", people_.steps_back() == 0,
                              std::to_string(people_.steps_back())});
    outcome.checks.push_back(
        {"no subscriber was lost", people_.lost() == 0,
         std::to_string(people_.lost()) + " of " + std::to_string(people_.size())});
    return outcome;
}

int run_live(const live_script& script, const std::vector<std::string>& args) {
    const auto parsed = parse_live_options(script.mode, args);
    return with_nodes(parsed, [&](const live_options& from, const endpoints& nodes) {
        return from.path.empty() ? run_before_nodes(script, from, nodes)
                                 : run_before_strangers(script, from, nodes);
    });
}

bool admit_all(audience& people, const live_options& from, std::uint32_t more) {
    if (people.admit(more, audience::clock::now() + from.timeout)) return true;
    std::cerr << "not every subscriber was let in: " << people.size() << " came, " << people.lost()
              << " were turned away\n";
    return false;
}

}  // namespace tallycast::load
