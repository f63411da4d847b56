#pragma once
// The part of the command line that every mode of the load generator has.

#include <tallycast/load/options.hpp>

#include <CLI/CLI.hpp>

#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace tallycast::load {

// As they stand on the command line, before they are checked.
struct common_words {
    std::vector<std::string> targets{"http://127.0.0.1:8080"};
    std::string host_key_file;
    double timeout_s = 300;
};

void declare_common(CLI::App& app, common_options& to, common_words& words);

// Prints every complaint; false when there was one.
bool complete_common(common_options& to, const common_words& words, const CLI::App& app,
                     bool needs_host_key);

// Nothing when the arguments could be read, else the exit code after help or complaint.
std::optional<early_exit> read_arguments(CLI::App& app, const std::vector<std::string>& args);

}  // namespace tallycast::load
