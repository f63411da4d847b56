#include "markup.hpp"

#include <tallycast/wire/time.hpp>

#include "json_text.hpp"

#include <string>

namespace tallycast::wire {

markup& markup::text(std::string_view text) {
    for (const char c : text) {
        switch (c) {
            case '&': out_ += "&amp;"; break;
            case '<': out_ += "&lt;"; break;
            case '>': out_ += "&gt;"; break;
            case '"': out_ += "&quot;"; break;
            case '\'': out_ += "&#39;"; break;
            default: out_ += c;
        }
    }
    return *this;
}

markup& markup::number(std::uint64_t value) {
    append_number(out_, value);
    return *this;
}

markup& markup::count(std::uint64_t value, std::string_view singular) {
    number(value).raw(" ");
    return say(value == 1 ? std::string(singular) : std::string(singular) + 's');
}

markup& markup::time(base::wall_time value) {
    const auto stamp = rfc3339(value);
    const std::string_view shown = stamp;
    raw("<time datetime=\"")
        .raw(shown)
        .raw("\">")
        .raw(shown.substr(0, 10))
        .raw(" ")
        .raw(shown.substr(11, 5));
    return raw(" UTC</time>");
}

}  // namespace tallycast::wire
