#include "trial.hpp"

namespace tallycast::redis {

namespace {

constexpr const char* advice = "; docs/clustering.md has the rights that its user needs";

}  // namespace

// First the commands of the functions, then those that nodes send themselves.
pipeline trial_at(const std::string& tag, const std::vector<std::string>& channels) {
    const auto name = tag + ":trial:0";
    const auto meta = name + ":meta";
    const auto counts = name + ":1:counts";
    const auto sheet = name + ":1:sheet";
    const auto log = name + ":1:log";
    command functions{"FCALL", "tallycast1_trial", "4", meta, counts, sheet, log};
    for (const auto& channel : channels) functions.add(channel);
    return {std::move(functions),
            command{"HGET", meta, "rnd"},
            command{"HVALS", meta},
            command{"GETRANGE", sheet, "0", "1"},
            command{"XRANGE", log, "-", "+", "COUNT", "1"},
            command{"XREVRANGE", log, "+", "-", "COUNT", "1"},
            command{"UNLINK", meta, counts, sheet, log},
            command{"WAIT", "0", "0"}};
}

std::string refused_in(const call_result<replies>& got, const std::string& tag) {
    if (!got) {
        if (!got.error().refused) return {};
        return "the user may not do what a node needs with keys like " + tag +
               ":… (it said: " + got.error().detail + ")" + advice;
    }
    std::string commands;
    const auto& found = got->front().items;
    for (std::size_t i = 0; i + 1 < found.size(); i += 2) {
        if (commands.find(found[i].text) != commands.npos) continue;
        commands += (commands.empty() ? "" : ", ") + found[i].text;
    }
    if (commands.empty()) return {};
    return "the user may not use " + commands + " (it said: " + found[1].text + ")" + advice;
}

}  // namespace tallycast::redis
