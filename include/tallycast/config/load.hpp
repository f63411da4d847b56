#pragma once
// From flags, environment and file to settings, by one table of options: a flag beats the
// environment, the environment beats the file, the file beats the default. All that is wrong is
// reported at once. Reads files (the TOML file, key files) and nothing else; no global state.

#include <tallycast/config/settings.hpp>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace tallycast::config {

// The value itself is never part of it when the option is a secret.
struct bad_option {
    std::string name;   // "--listen", or what was given in its place
    std::string where;  // "command line", "environment TALLYCAST_LISTEN", "node.toml:12"
    std::string why;
};

// --help was asked for.
struct help {
    std::string text;
};

using outcome = std::variant<settings, help, std::vector<bad_option>>;

// What is wrong with values whose form only their user knows: the option, as "store", and why.
// Values that were refused before are empty in these settings.
using further_faults = std::vector<std::pair<std::string, std::string>>;
using further_check = std::function<further_faults(const settings&)>;

// `args` are those after the subcommand's name; `program` is how the help calls it ("tallycast
// serve").
outcome load(const std::vector<std::string>& args,
             const std::map<std::string, std::string>& environment,
             std::string_view program = "tallycast serve", const further_check& check = {});

// One line an option: `--listen (environment TALLYCAST_LISTEN): why`.
std::string describe(const std::vector<bad_option>& bad);

// The process's environment; the only place that reads it.
std::map<std::string, std::string> environment_of_process();

struct reloaded {
    settings now;                      // the running settings with only reloadable options changed
    std::vector<std::string> changed;  // names of the reloadable options that differ
    std::vector<std::string>
        restart_for;  // names of options that differ but hold until the next start
};

// Loads again as at the start. Bad options: nothing changes.
std::variant<reloaded, std::vector<bad_option>> reload(
    const settings& running, const std::vector<std::string>& args,
    const std::map<std::string, std::string>& environment, const further_check& check = {});

}  // namespace tallycast::config
