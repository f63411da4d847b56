#pragma once
// How every mode of `tallycast bench` begins.

#include <tallycast/load/options.hpp>
#include <tallycast/load/place.hpp>

#include <variant>

namespace tallycast::load {

// The exit code of run(options, endpoints); of what the command line asked for instead; 2 where no
// node is there.
template <class Options, class Run>
int with_nodes(const std::variant<Options, early_exit>& parsed, Run run) {
    if (const auto* exit = std::get_if<early_exit>(&parsed)) return exit->code;
    const auto& from = std::get<Options>(parsed);
    const auto nodes = find_nodes(from);
    if (!nodes) return 2;
    raise_descriptor_limit();
    return run(from, *nodes);
}

}  // namespace tallycast::load
