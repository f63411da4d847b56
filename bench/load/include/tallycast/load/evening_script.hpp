#pragma once
// What happens in an evening, one thing after the other. Pure. As JSON it is a list of objects:
//   {"do": "join",  "people": 500, "over_s": 10}            they join and open a WebSocket
//   {"do": "poll",  "share": 0.9, "over_s": 15}             opens; so many vote; closes; all see it
//   {"do": "poll",  "over_s": 60, "steady": true}           evenly instead of in a rush
//   {"do": "storm", "share": 0.3}                           so many connections are cut
//   {"do": "storm", "share": 0, "over_s": 60}               waits for a node that you end
//   {"do": "hold",  "over_s": 10}                           nothing happens
//   {"do": "leave", "share": 1, "over_s": 5}                so many go

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace tallycast::load {

struct evening_phase {
    enum class kind { join, poll, storm, hold, leave };
    kind what = kind::hold;
    std::uint32_t people = 0;  // join
    double share = 1;          // of those who are there: poll, storm, leave
    std::chrono::duration<double> over{10};
    bool steady = false;  // poll
};

using evening_script = std::vector<evening_phase>;

inline constexpr std::uint32_t most_people = 18'000;  // a descriptor each

struct usual_evening {
    std::uint32_t people = 1'000;
    double join_s = 10;
    std::uint32_t polls = 3;
    double burst_s = 10;
    double cut = 0.3;
    double leave_s = 5;
};

// Everybody comes, the polls with a storm after the first, everybody goes.
evening_script script_of(const usual_evening& wishes);

// The script, or what is wrong with it.
std::variant<evening_script, std::string> parse_script(const nlohmann::json& text);

std::string name_of(evening_phase::kind what);

}  // namespace tallycast::load
