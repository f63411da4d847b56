#pragma once
// What a run shows to a person and writes for a machine.

#include <tallycast/load/ballot_book.hpp>
#include <tallycast/load/options.hpp>
#include <tallycast/load/phase.hpp>
#include <tallycast/load/verify.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace tallycast::load {

// Rewrites one line on a terminal; prints a line every few seconds elsewhere. Writes to stderr.
class progress_line {
public:
    progress_line(std::string title, std::uint64_t wanted);
    ~progress_line();
    progress_line(const progress_line&) = delete;
    progress_line& operator=(const progress_line&) = delete;

    std::chrono::milliseconds interval() const;
    void show(std::uint64_t settled, std::chrono::duration<double> elapsed);

private:
    std::string title_;
    std::uint64_t wanted_;
    bool terminal_;
    bool dirty_ = false;
    std::uint64_t last_settled_ = 0;
    double last_elapsed_ = 0;
};

struct run_report {
    std::string transport;
    std::string event;
    std::string poll;
    std::uint64_t seed = 0;
    bool open_loop = false;
    phase_result joins;
    phase_result votes;
    verdict outcome;
};

void print_phase(std::ostream& out, const std::string& name, const phase_result& phase,
                 bool open_loop);
void print_report(std::ostream& out, const run_report& report);
// Every check and whether it held, and what that comes to.
void print_checks(std::ostream& out, const verdict& outcome);
nlohmann::json checks_json(const verdict& outcome);
// Refusals (429 and 5xx) by status: how many said when to come back, and how many did not.
nlohmann::json refusals_json(const phase_result& phase);
nlohmann::json latency_json(const histogram& latency);  // percentiles in milliseconds
nlohmann::json phase_json(const phase_result& phase);
nlohmann::json report_json(const run_report& report);

// `file` may be "-" for standard output. False, with a word on stderr, when it cannot be written.
bool write_json(const std::string& file, const nlohmann::json& what);

// The same for any text.
bool write_text(const std::string& file, const std::string& text);

// One line a ballot, `voter,choice,change,state,receipt`, for whoever compares it with a store by
// other means than verify.hpp. The same word when it cannot be written.
bool write_book(const std::string& file, const std::vector<std::string>& option_ids,
                const std::vector<const ballot_book*>& books);

}  // namespace tallycast::load
