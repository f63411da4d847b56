#pragma once
// Writes HTTP/1.x responses straight into a connection's output buffer: one append per piece, no
// message object. Every value is ours or was checked before (no CR, LF or other control but HTAB);
// this is asserted. The date is passed in, so that a core formats it once a second; see date_text.

#include <tallycast/base/time.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace tallycast::net {

struct response_head {
    unsigned status = 200;
    std::string_view content_type;  // left out when empty
    std::string_view request_id;    // left out when empty
    std::string_view date;          // an IMF-fixdate, from date_text; left out when empty
    std::string_view cache_control = "no-store";
    std::string_view content_security_policy = "default-src 'none'; frame-ancestors 'none'";
    std::string_view extra;  // whole lines, each "Name: value\r\n"
    bool http_1_1 = true;    // the version of the request, which decides what is implied
    bool keep_alive = true;
};

// Content-Length is the body's size, also where the body is left out (head_only); 1xx, 204 have
// neither length nor body, 304 no body. A status outside 100..599 is a bug (asserted).
void append_response(std::string& out, const response_head& head, std::string_view body,
                     bool head_only = false);

// The head of a response whose end is the end of the connection (an event stream): no length,
// Connection: close whatever head.keep_alive says.
void append_stream_head(std::string& out, const response_head& head);

// The head of a response to an HTTP/1.1 request whose body follows in chunks.
void append_chunked_head(std::string& out, const response_head& head);

// "HTTP/1.1 100 Continue" and nothing else.
void append_continue(std::string& out);

// The Date field's value for a moment, formatted again only when the second has changed. One a
// core: not for sharing between threads; the view is good until the next call.
class date_text {
public:
    std::string_view at(base::wall_time now);

private:
    std::int64_t second_ = std::numeric_limits<std::int64_t>::min();
    std::array<char, 29> text_{};
};

}  // namespace tallycast::net
