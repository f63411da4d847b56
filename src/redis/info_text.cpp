#include "info_text.hpp"

#include <algorithm>
#include <charconv>

namespace tallycast::redis {

std::optional<std::string_view> line_of(std::string_view info, std::string_view name) {
    while (!info.empty()) {
        auto line = info.substr(0, info.find('\n'));
        info.remove_prefix(std::min(line.size() + 1, info.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == ':')
            return line.substr(name.size() + 1);
    }
    return {};
}

std::int64_t number_of(std::string_view info, std::string_view name) {
    const auto text = line_of(info, name).value_or("");
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace tallycast::redis
