#include <tallycast/load/report.hpp>

#include <tallycast/load/crowd.hpp>

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <sstream>

namespace tallycast::load {

namespace {

double milliseconds_of(std::chrono::nanoseconds time) {
    return static_cast<double>(time.count()) / 1e6;
}

std::string shown(std::chrono::nanoseconds time) {
    std::ostringstream text;
    text << std::fixed << std::setprecision(2) << milliseconds_of(time) << " ms";
    return text.str();
}

constexpr struct {
    const char* name;
    double share;
} percentiles[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}, {"max", 1.0}};

bool cannot_write(const std::string& file) {
    std::cerr << "cannot write " << file << "\n";
    return false;
}

}  // namespace

progress_line::progress_line(std::string title, std::uint64_t wanted)
    : title_(std::move(title)), wanted_(wanted), terminal_(isatty(STDERR_FILENO) == 1) {}

progress_line::~progress_line() {
    if (dirty_) std::cerr << "\r\033[K" << std::flush;
}

std::chrono::milliseconds progress_line::interval() const {
    return std::chrono::milliseconds(terminal_ ? 500 : 5000);
}

void progress_line::show(std::uint64_t settled, std::chrono::duration<double> elapsed) {
    const double since = elapsed.count() - last_elapsed_;
    const double rate = since > 0 ? static_cast<double>(settled - last_settled_) / since : 0;
    last_settled_ = settled;
    last_elapsed_ = elapsed.count();
    std::ostringstream line;
    line << title_ << ": " << settled << " of " << wanted_ << " ("
         << (wanted_ == 0 ? 100 : settled * 100 / wanted_) << " %), " << std::fixed
         << std::setprecision(0) << rate << "/s, " << std::setprecision(1) << elapsed.count()
         << " s";
    if (terminal_) std::cerr << "\r\033[K" << line.str() << std::flush;
    else std::cerr << line.str() << "\n";
    dirty_ = terminal_;
}

void print_phase(std::ostream& out, const std::string& name, const phase_result& phase,
                 bool open_loop) {
    out << name << ": " << phase.settled << " of " << phase.wanted << " answered in " << std::fixed
        << std::setprecision(2) << phase.elapsed.count() << " s, " << std::setprecision(0)
        << phase.per_second() << "/s; the client used " << std::setprecision(2) << phase.cpu.count()
        << " s of CPU\n";
    out << "  latency" << (open_loop ? " from the intended time" : "") << ":";
    for (const auto& each : percentiles) {
        out << " " << each.name << " " << shown(phase.latency.percentile(each.share));
    }
    out << "\n  answers:";
    for (std::size_t i = 0; i < phase.statuses.size(); ++i) {
        if (phase.statuses[i] > 0) out << " " << i << " x " << phase.statuses[i];
    }
    out << "; sent again after a refusal or a break: " << phase.retries
        << "; broken under way: " << phase.unanswered << "; connections lost: " << phase.reconnects
        << "\n";
    for (std::size_t i = 0; phase.steps.size() > 1 && i < phase.steps.size(); ++i) {
        const auto& latency = phase.step_latency[i];
        out << "  step " << phase.steps[i].name() << "/s: " << latency.count() << " answered, p50 "
            << shown(latency.percentile(0.5)) << " p99 " << shown(latency.percentile(0.99))
            << " max " << shown(latency.max()) << "\n";
    }
    if (phase.statuses[429] > 0) {
        out << "  the node limited this client (429); a node for load tests runs with --limits "
               "off\n";
    }
}

void print_checks(std::ostream& out, const verdict& outcome) {
    for (const auto& each : outcome.checks) {
        out << (each.holds ? "  ok    " : "  WRONG ") << each.claim;
        if (!each.detail.empty()) out << ": " << each.detail;
        out << "\n";
    }
    out << (outcome.holds() ? "every ballot was counted exactly once\n"
                            : "NOT every check held; see WRONG above\n");
}

void print_report(std::ostream& out, const run_report& report) {
    const auto& totals = report.outcome.totals;
    out << "event " << report.event << ", poll " << report.poll << ", transport "
        << report.transport << ", seed " << report.seed << "\n";
    print_phase(out, "joins", report.joins, false);
    print_phase(out, "votes", report.votes, report.open_loop);
    out << "sent          " << totals.sent << " distinct ballots in " << report.votes.asked
        << " sendings\n"
        << "acknowledged  " << totals.acknowledged << " (" << totals.replayed_answers
        << " answers were replays)\n"
        << "refused       " << totals.refused;
    for (const auto& [code, count] : report.outcome.refusals) out << " " << code << " x " << count;
    out << "\n"
        << "unknown       " << totals.unknown << " (no answer before the time was over)\n"
        << "counted       " << report.outcome.counted << " voters in the final results\n";
    print_checks(out, report.outcome);
}

nlohmann::json latency_json(const histogram& latency) {
    nlohmann::json made = nlohmann::json::object();
    for (const auto& each : percentiles)
        made[each.name] = milliseconds_of(latency.percentile(each.share));
    return made;
}

nlohmann::json refusals_json(const phase_result& phase) {
    nlohmann::json made = nlohmann::json::object();
    for (std::size_t i = 0; i < phase.statuses.size(); ++i) {
        if (!is_open_answer(static_cast<int>(i)) || phase.statuses[i] == 0) continue;
        made[std::to_string(i)] = {{"with_retry_after", phase.statuses[i] - phase.unadvised[i]},
                                   {"without", phase.unadvised[i]}};
    }
    return made;
}

nlohmann::json phase_json(const phase_result& phase) {
    nlohmann::json statuses = nlohmann::json::object();
    for (std::size_t i = 0; i < phase.statuses.size(); ++i) {
        if (phase.statuses[i] > 0) statuses[std::to_string(i)] = phase.statuses[i];
    }
    nlohmann::json steps = nlohmann::json::array();
    for (std::size_t i = 0; i < phase.steps.size(); ++i) {
        steps.push_back({{"rate", phase.steps[i].name()},
                         {"answered", phase.step_latency[i].count()},
                         {"latency_ms", latency_json(phase.step_latency[i])}});
    }
    return {{"wanted", phase.wanted},
            {"settled", phase.settled},
            {"asked", phase.asked},
            {"retries", phase.retries},
            {"unanswered", phase.unanswered},
            {"connections_lost", phase.reconnects},
            {"statuses", statuses},
            {"refusals", refusals_json(phase)},
            {"settled_in_second", phase.settled_in_second},
            {"last_try_ms", latency_json(phase.last_try)},
            {"latency_ms", latency_json(phase.latency)},
            {"steps", steps},
            {"client_late", phase.late},
            {"elapsed_s", phase.elapsed.count()},
            {"per_second", phase.per_second()},
            {"client_cpu_s", phase.cpu.count()}};
}

nlohmann::json checks_json(const verdict& outcome) {
    nlohmann::json checks = nlohmann::json::array();
    for (const auto& each : outcome.checks)
        checks.push_back({{"claim", each.claim}, {"holds", each.holds}, {"detail", each.detail}});
    return checks;
}

nlohmann::json report_json(const run_report& report) {
    const auto& totals = report.outcome.totals;
    return {{"transport", report.transport},
            {"event", report.event},
            {"poll", report.poll},
            {"seed", report.seed},
            {"joins", phase_json(report.joins)},
            {"votes", phase_json(report.votes)},
            {"sent", totals.sent},
            {"acknowledged", totals.acknowledged},
            {"refused", totals.refused},
            {"refusals", report.outcome.refusals},
            {"unknown", totals.unknown},
            {"replayed_answers", totals.replayed_answers},
            {"counted", report.outcome.counted},
            {"checks", checks_json(report.outcome)},
            {"holds", report.outcome.holds()}};
}

bool write_json(const std::string& file, const nlohmann::json& what) {
    return write_text(file, what.dump(2) + "\n");
}

bool write_text(const std::string& file, const std::string& text) {
    if (file == "-") {
        std::cout << text;
        return true;
    }
    std::ofstream out(file);
    out << text;
    return out.flush() ? true : cannot_write(file);
}

bool write_book(const std::string& file, const std::vector<std::string>& option_ids,
                const std::vector<const ballot_book*>& books) {
    constexpr const char* states[] = {"unsent", "unknown", "acknowledged", "refused"};
    std::ofstream out(file);
    out << "voter,choice,change,state,receipt\n";
    for (const auto* book : books) {
        for (std::uint32_t i = 0; i < book->size(); ++i) {
            const auto& what = book->at(i);
            out << book->voters[what.voter].number << ',' << option_ids[what.choice] << ','
                << (what.is_change ? 1 : 0) << ',' << states[static_cast<std::size_t>(what.state)]
                << ',' << what.receipt << '\n';
        }
    }
    return out.flush() ? true : cannot_write(file);
}

}  // namespace tallycast::load
