#include <tallycast/load/evening_script.hpp>

#include <array>
#include <cstddef>
#include <stdexcept>

namespace tallycast::load {

namespace {

using kind = evening_phase::kind;

constexpr double longest_s = 86'400;
// In the order of the kinds.
constexpr std::array<const char*, 5> names{"join", "poll", "storm", "hold", "leave"};

struct bad_script : std::runtime_error {
    using std::runtime_error::runtime_error;
};

kind kind_of(const nlohmann::json& name) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (name == names[i]) return static_cast<kind>(i);
    }
    throw bad_script("\"do\" is join, poll, storm, hold or leave, not " + name.dump());
}

double number_in(const std::string& name, const nlohmann::json& value, double least, double most) {
    if (!value.is_number() || value.get<double>() < least || value.get<double>() > most)
        throw bad_script("\"" + name + "\" cannot be " + value.dump());
    return value.get<double>();
}

evening_phase phase_of(const nlohmann::json& text) {
    if (!text.is_object() || !text.contains("do")) throw bad_script("a phase has a \"do\"");
    evening_phase made;
    made.what = kind_of(text["do"]);
    for (const auto& [name, value] : text.items()) {
        if (name == "do") continue;
        if (name == "people" && made.what == kind::join && value.is_number_unsigned()) {
            made.people = static_cast<std::uint32_t>(number_in(name, value, 1, most_people));
        } else if (name == "share" && made.what != kind::join && made.what != kind::hold) {
            made.share = number_in(name, value, 0, 1);
        } else if (name == "over_s") {
            made.over = std::chrono::duration<double>(number_in(name, value, 0.1, longest_s));
        } else if (name == "steady" && made.what == kind::poll && value.is_boolean()) {
            made.steady = value.get<bool>();
        } else {
            throw bad_script("\"" + name + "\" does not fit here: " + text.dump());
        }
    }
    if (made.what == kind::join && made.people == 0) throw bad_script("a join has \"people\"");
    return made;
}

// Nobody can vote or go before somebody has come.
void check_order(const evening_script& script) {
    if (script.empty() || script.front().what != kind::join)
        throw bad_script("it begins with a join");
    double there = 0;
    for (const auto& each : script) {
        if (each.what == kind::join) there += each.people;
        if (each.what == kind::leave) there -= there * each.share;
        if (there > most_people) throw bad_script("more people than there are descriptors");
    }
}

}  // namespace

std::string name_of(kind what) { return names[static_cast<std::size_t>(what)]; }

evening_script script_of(const usual_evening& wishes) {
    const auto seconds = [](double count) { return std::chrono::duration<double>(count); };
    evening_script made{{kind::join, wishes.people, 1, seconds(wishes.join_s), false}};
    for (std::uint32_t i = 0; i < wishes.polls; ++i) {
        made.push_back({kind::poll, 0, 1, seconds(wishes.burst_s), false});
        if (i == 0 && wishes.cut > 0)
            made.push_back({kind::storm, 0, wishes.cut, seconds(wishes.burst_s), false});
    }
    made.push_back({kind::leave, 0, 1, seconds(wishes.leave_s), false});
    return made;
}

std::variant<evening_script, std::string> parse_script(const nlohmann::json& text) {
    try {
        if (!text.is_array()) throw bad_script("it is a list of phases");
        evening_script made;
        for (const auto& each : text) made.push_back(phase_of(each));
        check_order(made);
        return made;
    } catch (const bad_script& why) {
        return std::string(why.what());
    }
}

}  // namespace tallycast::load
