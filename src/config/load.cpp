#include <tallycast/config/load.hpp>

#include "rules.hpp"

#include <iterator>
#include <utility>

namespace tallycast::config {

namespace {

using texts = std::map<std::string_view, given_text>;

void append(std::vector<bad_option>& to, std::vector<bad_option> more) {
    to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// Of each option the text of the strongest source that has one. A key and the file it may stand in
// are one choice: the stronger source's way hides the other.
texts choose(const texts& flags, const texts& variables, const texts& file) {
    texts chosen;
    for (const auto* source : {&flags, &variables, &file}) {
        const texts stronger = chosen;
        const auto hidden = [&](std::string_view name) {
            for (const std::string_view key : {"operator-key", "host-key", "token-keys"}) {
                const std::string in_file = std::string(key) + "-file";
                if (name == key || name == in_file)
                    return stronger.contains(key) || stronger.contains(in_file);
            }
            return false;
        };
        for (const auto& [name, given] : *source)
            if (!hidden(name)) chosen.emplace(name, given);
    }
    return chosen;
}

// Reads every option's text into the draft: the chosen one, else the default.
std::vector<bad_option> read_values(draft& d, const chosen_texts& chosen) {
    std::vector<bad_option> bad;
    for (const auto& o : option_table()) {
        const auto* given = chosen.find(o.name);
        if (given == nullptr && o.fallback.empty()) continue;
        const std::string_view text = given == nullptr ? o.fallback : std::string_view(given->text);
        std::string why = o.value.read(d, text);
        if (!why.empty())
            bad.push_back({"--" + std::string(o.name), chosen.where(o.name), std::move(why)});
    }
    return bad;
}

void remember_texts(settings& s, const chosen_texts& chosen) {
    for (const auto& o : option_table()) {
        const auto* given = chosen.find(o.name);
        const std::string text = given == nullptr ? std::string(o.fallback) : given->text;
        s.as_text[std::string(o.name)] = o.is(secret) && !text.empty() ? "(set)" : text;
    }
    if (s.durability == durability::memory) s.as_text["durability"] = "memory";
    if (s.durability == durability::fsync) s.as_text["durability"] = "fsync";
}

}  // namespace

outcome load(const std::vector<std::string>& args,
             const std::map<std::string, std::string>& environment, std::string_view program,
             const further_check& check) {
    command_line flags = read_command_line(args);
    if (flags.wants_help) return help{help_text(program)};
    source variables = read_environment(environment);
    source file;
    const texts named = choose(flags.values, variables.values, {});
    if (const auto path = named.find("config"); path != named.end())
        file = read_file(path->second.text);

    std::vector<bad_option> bad = std::move(flags.bad);
    append(bad, std::move(variables.bad));
    append(bad, std::move(file.bad));
    const chosen_texts chosen(choose(flags.values, variables.values, file.values));
    draft d;
    append(bad, read_values(d, chosen));
    append(bad, settle(d, chosen));
    if (check)
        for (auto& [name, why] : check(d.values))
            bad.push_back({"--" + name, chosen.where(name), std::move(why)});
    if (!bad.empty()) return bad;
    remember_texts(d.values, chosen);
    return std::move(d.values);
}

std::string describe(const std::vector<bad_option>& bad) {
    std::string lines;
    for (const auto& b : bad) lines += b.name + " (" + b.where + "): " + b.why + '\n';
    return lines;
}

}  // namespace tallycast::config
