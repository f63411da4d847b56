#include <tallycast/config/load.hpp>

#include "option_table.hpp"

namespace tallycast::config {

namespace {

// Keys are compared as values, because their texts are not kept.
void compare_keys(const settings& running, const settings& fresh,
                  std::vector<std::string>& differing) {
    if (running.operator_key != fresh.operator_key) differing.emplace_back("operator-key");
    if (running.host_key != fresh.host_key) differing.emplace_back("host-key");
    if (running.token_keys != fresh.token_keys) differing.emplace_back("token-keys");
}

bool key_or_its_file(const option& o) { return o.is(secret) || o.name.ends_with("-file"); }

}  // namespace

std::variant<reloaded, std::vector<bad_option>> reload(
    const settings& running, const std::vector<std::string>& args,
    const std::map<std::string, std::string>& environment, const further_check& check) {
    outcome loaded = load(args, environment, "tallycast serve", check);
    if (auto* bad = std::get_if<std::vector<bad_option>>(&loaded)) return std::move(*bad);
    const auto* fresh = std::get_if<settings>(&loaded);
    if (fresh == nullptr)
        return std::vector<bad_option>{{"--help", "command line", "is not for a running node"}};

    draft d{running, {}, {}, {}};
    reloaded answer;
    for (const auto& o : option_table()) {
        const std::string name(o.name);
        const std::string& text = fresh->as_text.at(name);
        if (text == running.as_text.at(name) || key_or_its_file(o)) continue;
        if (!o.is(reloadable)) {
            answer.restart_for.push_back(name);
            continue;
        }
        o.value.read(d, text);  // was read without a fault a moment ago
        d.values.as_text[name] = text;
        answer.changed.push_back(name);
    }
    compare_keys(running, *fresh, answer.restart_for);
    answer.now = std::move(d.values);
    return answer;
}

}  // namespace tallycast::config
