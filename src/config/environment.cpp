#include "sources.hpp"

#include <unistd.h>

namespace tallycast::config {

source read_environment(const std::map<std::string, std::string>& environment) {
    source found;
    for (const auto& o : option_table()) {
        const std::string variable = environment_name(o.name);
        const auto set = environment.find(variable);
        if (set != environment.end() && !set->second.empty())
            found.values[o.name] = {set->second, "environment " + variable};
    }
    return found;
}

std::map<std::string, std::string> environment_of_process() {
    std::map<std::string, std::string> variables;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const auto equals = text.find('=');
        if (equals != std::string_view::npos)
            variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return variables;
}

}  // namespace tallycast::config
