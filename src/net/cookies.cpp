#include "cookies.hpp"

namespace tallycast::net {

std::string_view cookie_value(std::string_view field, std::string_view name) {
    while (!field.empty()) {
        const auto end = field.find(';');
        auto one = field.substr(0, end);
        while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
        if (one.size() > name.size() && one.starts_with(name) && one[name.size()] == '=')
            return one.substr(name.size() + 1);
        field = end == std::string_view::npos ? std::string_view{} : field.substr(end + 1);
    }
    return {};
}

}  // namespace tallycast::net
