#pragma once
// The three places options come from, each read into the same shape: option name to text. Names are
// checked here, values are not.

#include "option_table.hpp"

#include <tallycast/config/load.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tallycast::config {

struct given_text {
    std::string text;
    std::string where;  // as in bad_option
};

struct source {
    std::map<std::string_view, given_text> values;  // by option::name
    std::vector<bad_option> bad;
};

struct command_line : source {
    bool wants_help = false;
};

command_line read_command_line(const std::vector<std::string>& args);

// The text of --help.
std::string help_text(std::string_view program);

// Variables named after no option are not looked at: a container's platform sets some of its own.
// An empty variable is as good as none.
source read_environment(const std::map<std::string, std::string>& environment);

// A flat TOML file: a name with dashes or underscores, a string, number, true, false or a list of
// strings; an empty text is as good as none.
source read_file(const std::string& path);

}  // namespace tallycast::config
