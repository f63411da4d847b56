#pragma once
// The one table of options. The command line, the environment, the file, the help, the manual and
// the defaults are all read from it.

#include "value_kind.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tallycast::config {

enum option_flag : unsigned {
    plain = 0,
    secret = 1,      // its text is never shown
    reloadable = 2,  // SIGHUP takes it from the file
    not_in_file = 4,
};

struct option {
    std::string_view name;  // as a flag without its dashes: "ops-listen"
    std::string_view group;
    std::string_view fallback;  // the default, as it would be written
    std::string_view line;      // what it is, in one line
    std::string_view manual;    // what the line has no room for; may be empty
    value_kind value;
    unsigned flags = plain;

    bool is(option_flag flag) const { return (flags & flag) != 0; }
};

const std::vector<option>& option_table();

// By its name, with dashes or underscores; null when there is none.
const option* find_option(std::string_view name);

// "TALLYCAST_OPS_LISTEN" of "ops-listen".
std::string environment_name(std::string_view name);

// The option a mistyped name is closest to; empty when none is near.
std::string nearest_option(std::string_view name);

}  // namespace tallycast::config
