#pragma once
// What the option table says of itself.

#include <string>

namespace tallycast::config {

// docs/configuration.md, in Markdown: every option with its names, values, default and meaning.
std::string print_manual();

}  // namespace tallycast::config
