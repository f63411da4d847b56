#include "sources.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace tallycast::config {

namespace {

constexpr std::string_view place = "command line";

std::string flag(std::string_view name) { return "--" + std::string(name); }

std::string help_line(const option& o) {
    std::string line(o.line);
    if (!o.fallback.empty()) line.append(" [").append(o.fallback).append("]");
    return line;
}

// CLI11 finds the flags and their texts. Everything is optional and may repeat as far as it knows,
// since it stops at the first error and ours are all reported together.
void declare(CLI::App& app) {
    for (const auto& o : option_table()) {
        CLI::Option* declared = app.add_option(flag(o.name));
        declared->description(help_line(o));
        declared->group(std::string(o.group));
        declared->type_name(o.value.shape);
        declared->expected(0, 1);
        declared->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    }
    app.allow_extras();
}

void take(const option& o, const std::vector<std::string>& texts, command_line& into) {
    const auto refuse = [&](std::string why) {
        into.bad.push_back({flag(o.name), std::string(place), std::move(why)});
    };
    if (texts.size() > 1 && !o.value.is_list) return refuse("is given more than once");
    std::string text;
    for (const auto& one : texts) {
        if (one.empty() && !o.value.is_switch) return refuse("needs a value: " + o.value.words);
        text += (text.empty() ? "" : ",") + one;
    }
    into.values[o.name] = {text.empty() ? "on" : text, std::string(place)};
}

// What CLI11 could not place. The word after an unknown flag is taken for its value.
void refuse_strangers(const std::vector<std::string>& strangers, command_line& into) {
    bool after_flag = false;
    for (const auto& word : strangers) {
        const bool is_flag = word.starts_with('-');
        const auto equals = word.find('=');
        const std::string name = word.substr(0, equals);
        if (is_flag) {
            const std::string near =
                nearest_option(name.substr(std::min(name.find_first_not_of('-'), name.size())));
            into.bad.push_back({name, std::string(place),
                                near.empty() ? "is not an option"
                                             : "is not an option; did you mean --" + near + "?"});
        } else if (!after_flag) {
            into.bad.push_back(
                {word, std::string(place), "is neither an option nor an option's value"});
        }
        after_flag = is_flag && equals == std::string::npos;
    }
}

}  // namespace

command_line read_command_line(const std::vector<std::string>& args) {
    command_line found;
    CLI::App app;
    declare(app);
    try {
        app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
    } catch (const CLI::CallForHelp&) {
        found.wants_help = true;
        return found;
    } catch (const CLI::ParseError& e) {
        found.bad.push_back({"command line", std::string(place), e.what()});
    }
    for (const auto& o : option_table())
        if (const auto* declared = app.get_option(flag(o.name)); declared->count() > 0)
            take(o, declared->results(), found);
    refuse_strangers(app.remaining(), found);
    return found;
}

std::string help_text(std::string_view program) {
    CLI::App app(
        "Options come from flags, then TALLYCAST_* variables, then the file of --config, then "
        "defaults.",
        std::string(program));
    app.get_formatter()->column_width(44);
    declare(app);
    return app.help();
}

}  // namespace tallycast::config
