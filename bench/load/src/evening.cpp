#include "evening.hpp"

#include "evening_report.hpp"
#include "modes.hpp"

#include <tallycast/load/crowd.hpp>
#include <tallycast/load/json_scan.hpp>
#include <tallycast/load/report.hpp>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <thread>

namespace tallycast::load {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::seconds host_patience{60};
constexpr std::chrono::seconds patience{60};  // for people who come, come back or look
constexpr std::chrono::milliseconds between_looks{5};

// A join that opens its person's WebSocket as soon as it is answered.
class arrival_work final : public work {
public:
    arrival_work(plan& crowd, gathering& people, const schedule& course)
        : joining_(make_join_work(crowd)), people_(people), course_(course) {}

    std::uint32_t size() const override { return joining_->size(); }
    question ask(std::uint32_t index) override { return joining_->ask(index); }

    bool settle(std::uint32_t index, const answer& what) override {
        if (!joining_->settle(index, what)) return false;
        const auto due = std::chrono::duration_cast<clock::duration>(course_.due(index));
        if (what.status == 200) people_.arrive(began_ + due);
        return true;
    }

private:
    std::unique_ptr<work> joining_;
    gathering& people_;
    const schedule& course_;
    clock::time_point began_ = clock::now();
};

double seconds_since(clock::time_point then) {
    return std::chrono::duration<double>(clock::now() - then).count();
}

std::size_t part_of(std::size_t all, double share) {
    return static_cast<std::size_t>(std::lround(share * static_cast<double>(all)));
}

}  // namespace

evening::evening(const evening_options& from, endpoints nodes)
    : from_(from),
      nodes_(std::move(nodes)),
      host_(nodes_, from.targets.front().authority(), from.host_key,
            std::min(from.timeout, host_patience)),
      poll_(host_.make_event("An evening of load")),
      where_{from.targets.front().authority(), poll_.code, poll_.event, {}},
      people_(nodes_, wishes_for(where_, from.max_hz), from.seed) {}

nlohmann::json evening::play(const evening_phase& phase) {
    const auto before = figures_of(from_.pids);
    const auto begun = clock::now();
    nlohmann::json told;
    switch (phase.what) {
        case evening_phase::kind::join: told = join(phase); break;
        case evening_phase::kind::poll: told = poll(phase); break;
        case evening_phase::kind::storm: told = storm(phase); break;
        case evening_phase::kind::hold: told = hold(phase); break;
        case evening_phase::kind::leave: told = leave(phase); break;
    }
    told["phase"] = name_of(phase.what);
    told["seconds"] = seconds_since(begun);
    const auto figures = people_.take_figures();
    told["people"] = people_json(figures, people_.size());
    if (!from_.pids.empty()) told["server"] = server_json(before, figures_of(from_.pids));
    hold_to({{}, {}, 0, {{"no subscriber saw a version fall", figures.steps_back == 0, ""}}});
    return told;
}

nlohmann::json evening::join(const evening_phase& phase) {
    const auto course = schedule::steady(phase.people / phase.over.count());
    std::vector<plan> crowd(1);
    crowd.front().book.voters.resize(phase.people);
    std::vector<std::unique_ptr<work>> joining;
    joining.push_back(std::make_unique<arrival_work>(crowd.front(), people_, course));
    const auto speaks = [this] { return make_http_protocol(where_); };
    auto result = run_phase(from_, {"joining", nodes_, course, speaks}, joining);
    judge(result, "joining");
    if (const auto missing = without_token(crowd); missing > 0)
        throw host_error(std::to_string(missing) + " people could not join");
    const auto& came = crowd.front().book.voters;
    voters_.insert(voters_.end(), came.begin(), came.end());
    const bool all_in = all("coming in", [this] { return people_.watching(); });
    hold_to({{}, {}, 0, {{"everybody who came was let in", all_in, ""}}});
    return {{"requests", requests_json(result, phase.over)}};
}

// The voters of a poll: of all who are there, evenly.
plan evening::plan_of(double share) {
    const auto count = std::max<std::size_t>(1, part_of(voters_.size(), share));
    plan made =
        make_plan({static_cast<std::uint32_t>(count), static_cast<std::uint8_t>(from_.choices),
                   from_.repeat, 0, from_.seed + polls_});
    for (std::size_t i = 0; i < count; ++i)
        made.book.voters[i] = voters_[i * voters_.size() / count];
    return made;
}

nlohmann::json evening::poll(const evening_phase& phase) {
    if (voters_.empty()) throw host_error("nobody is there to vote");
    ++polls_;
    host_.open_poll(poll_, from_.choices, false);
    where_.poll = poll_.poll;
    std::vector<plan> crowd;
    crowd.push_back(plan_of(phase.share));
    const auto votes = static_cast<double>(crowd.front().sendings.size());
    const auto course = phase.steady ? schedule::steady(votes / phase.over.count())
                                     : schedule::burst(votes, phase.over);
    auto result = vote_all(from_, nodes_, where_, poll_, crowd, course);
    judge(result, "poll " + std::to_string(polls_));
    people_.await_final(poll_.poll, clock::now());
    hold_to(settle_accounts(host_, poll_, books_of(crowd)));
    const bool all_saw = all("results", [this] { return people_.informed(); });
    hold_to({{},
             {},
             0,
             {{"every subscriber saw the final results", all_saw,
               std::to_string(people_.informed()) + " of " + std::to_string(people_.size())}}});
    return {{"poll", polls_}, {"requests", requests_json(result, phase.over)}};
}

nlohmann::json evening::storm(const evening_phase& phase) {
    people_.cut(phase.share);
    const auto until = clock::now() + std::chrono::duration_cast<clock::duration>(phase.over);
    while (people_.watching() == people_.size() && clock::now() < until)
        std::this_thread::sleep_for(between_looks);
    const bool has_struck = people_.watching() < people_.size();
    const auto begun = clock::now();
    const bool all_back = all("coming back", [this] { return people_.watching(); });
    hold_to({{}, {}, 0, {{"everybody who was cut off came back", all_back, ""}}});
    return {{"all_back_s",
             has_struck && all_back ? nlohmann::json(seconds_since(begun)) : nlohmann::json()}};
}

nlohmann::json evening::hold(const evening_phase& phase) {
    std::this_thread::sleep_for(phase.over);
    return nlohmann::json::object();
}

nlohmann::json evening::leave(const evening_phase& phase) {
    const auto going = part_of(people_.size(), phase.share);
    const auto begun = clock::now();
    const auto over = phase.over.count();
    for (std::size_t gone = 0; gone < going;) {
        const auto due = part_of(going, std::min(1.0, seconds_since(begun) / over));
        people_.leave(due - gone);
        gone = due;
        std::this_thread::sleep_for(between_looks);
    }
    voters_.resize(people_.size());
    return {{"left", going}};
}

bool evening::all(const std::string& title, const std::function<std::size_t()>& count) {
    const auto begun = clock::now();
    auto shown = begun;
    progress_line progress(title, people_.size());
    while (count() < people_.size()) {
        const auto now = clock::now();
        if (now > begun + patience) return false;
        if (now > shown + progress.interval()) {
            progress.show(count(), now - begun);
            shown = now;
        }
        std::this_thread::sleep_for(between_looks);
    }
    return true;
}

void evening::judge(phase_result& result, const std::string& name) {
    ++result.threads;  // that of the gathering
    if (const auto why = bottleneck(result)) bottlenecks_.push_back(name + ": " + *why);
}

void evening::hold_to(const verdict& more) {
    outcome_.totals.add(more.totals);
    outcome_.counted += more.counted;
    for (const auto& [code, count] : more.refusals) outcome_.refusals[code] += count;
    for (auto each : more.checks) {
        auto known = std::find_if(outcome_.checks.begin(), outcome_.checks.end(),
                                  [&](const check& had) { return had.claim == each.claim; });
        if (known == outcome_.checks.end())
            known = outcome_.checks.insert(known, {each.claim, true, ""});
        if (!each.holds && known->holds) {
            *known = each;
            if (polls_ > 0) known->detail += " (poll " + std::to_string(polls_) + ")";
        }
    }
}

int conclude(std::ostream& out, const evening_options& from, evening& over, nlohmann::json report) {
    const auto& outcome = over.outcome();
    const auto& totals = outcome.totals;
    out << "sent " << totals.sent << ", acknowledged " << totals.acknowledged << ", counted "
        << outcome.counted << "\n";
    print_checks(out, outcome);
    for (const auto& each : over.bottlenecks())
        std::cerr << (from.tolerate_lag ? "no measure of the node: " : "REFUSED as a measure: ")
                  << each << "\n";
    report["seed"] = from.seed;
    report["sent"] = totals.sent;
    report["acknowledged"] = totals.acknowledged;
    report["counted"] = outcome.counted;
    report["checks"] = checks_json(outcome);
    report["holds"] = outcome.holds();
    report["bottlenecks"] = over.bottlenecks();
    if (outcome.holds() && from.delete_event) over.clear_up();
    bool written = publish(from, report);
    if (!from.svg_file.empty()) written = write_text(from.svg_file, svg_of(report)) && written;
    if (!written || !outcome.holds()) return 1;
    return over.bottlenecks().empty() || from.tolerate_lag ? 0 : refused_measure;
}

void evening::clear_up() { host_.delete_event(poll_.event); }

void evening::forget_poll() { host_.delete_poll(poll_.poll); }

}  // namespace tallycast::load
