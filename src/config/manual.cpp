#include <tallycast/config/manual.hpp>

#include "option_table.hpp"

#include <algorithm>

namespace tallycast::config {

namespace {

constexpr std::string_view introduction = R"(# Configuration

<!-- Printed by `tallycast manual` from src/config/option_table.cpp; a test compares the two. -->

Every option is a flag (`--ops-listen 127.0.0.1:9000` or `--ops-listen=127.0.0.1:9000`), a variable
(`TALLYCAST_OPS_LISTEN=127.0.0.1:9000`) and a line of the TOML file that `--config` or
`TALLYCAST_CONFIG` names (`ops-listen = "127.0.0.1:9000"`; underscores do as well, sections do not).
A flag beats a variable, a variable beats the file, the file beats the default. An empty variable,
and an empty text in the file, count as none. A key and the file it may stand in (`--host-key`,
`--host-key-file`) are one choice: the stronger source's way counts.

All that is wrong is named at once, with the place it came from, and the program ends with status 2.
Unknown flags and unknown lines of the file are wrong; unknown `TALLYCAST_*` variables are not
looked at, because platforms set some of their own.

- A **duration** is digits and a unit: `250ms`, `10s`, `5m`, `12h`.
- A **switch** is `on` or `off` (or `true`, `false`, `yes`, `no`, `1`, `0`); the bare flag is `on`.
- A **list** has commas between its items; in the file it may be a TOML array, and as a flag it may
  be repeated.

SIGHUP reads everything again. What is marked *reloadable* takes effect at once; whatever else
differs is named in the log and waits for the next start. If anything is wrong, nothing changes and
the log says what and where.

`config/tallycast.toml` is a file with every default to start from.
)";

std::string entry(const option& o) {
    const std::string name(o.name);
    std::string text = "### `--" + name + "`\n\n" + std::string(o.line) + ".";
    if (!o.manual.empty()) text.append(" ").append(o.manual);
    text += "\n\n- Values: " + (o.value.is_switch ? "switch" : o.value.words);
    text += "\n- Default: " + (o.fallback.empty() ? "none" : '`' + std::string(o.fallback) + '`');
    text += "\n- Variable: `" + environment_name(name) + "`\n";
    if (o.is(reloadable)) text += "- Reloadable\n";
    if (o.is(secret)) text += "- Secret: never shown or logged\n";
    return text;
}

}  // namespace

std::string print_manual() {
    std::vector<std::string_view> groups;
    for (const auto& o : option_table())
        if (std::find(groups.begin(), groups.end(), o.group) == groups.end())
            groups.push_back(o.group);
    std::string manual(introduction);
    for (const auto group : groups) {
        manual.append("\n## ").append(group).append("\n");
        for (const auto& o : option_table())
            if (o.group == group) manual += "\n" + entry(o);
    }
    return manual;
}

}  // namespace tallycast::config
