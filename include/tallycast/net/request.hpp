#pragma once
// One HTTP request as views into the connection's buffer; valid until the session consumes it.

#include <boost/beast/http/field.hpp>
#include <boost/beast/http/verb.hpp>

#include <array>
#include <cstddef>
#include <ostream>  // Beast 1.81 uses it in its verb.hpp, but leaves it out
#include <string_view>

namespace tallycast::net {

inline constexpr std::size_t max_header_fields = 64;
inline constexpr std::size_t max_header_bytes = 8 * 1024;

struct header_field {
    boost::beast::http::field id = boost::beast::http::field::unknown;
    std::string_view name;
    std::string_view value;
};

struct request {
    boost::beast::http::verb method = boost::beast::http::verb::unknown;
    std::string_view target;  // as sent
    std::string_view path;    // target without its query; not decoded
    std::string_view query;   // without '?'
    bool http_1_1 = true;
    bool keep_alive = true;
    bool upgrade = false;  // Connection: upgrade and an Upgrade field
    bool expects_continue = false;
    std::array<header_field, max_header_fields> fields;
    std::size_t field_count = 0;
    std::string_view body;

    // The first field of that kind, or empty.
    std::string_view header(boost::beast::http::field id) const {
        for (std::size_t i = 0; i < field_count; ++i)
            if (fields[i].id == id) return fields[i].value;
        return {};
    }
};

}  // namespace tallycast::net
