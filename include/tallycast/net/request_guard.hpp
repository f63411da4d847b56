#pragma once
// Refuses whatever in a request's header two servers could read in two ways, before anything else
// looks at it. Works on the raw bytes, line after line, so the verdict depends on the bytes alone
// and never on how they were cut on their way. Stands before Beast's parser because that accepts
// much of this (up to 1.92, depending on the version). Holds counts and numbers only: no views, no
// allocation, no I/O.

#include <tallycast/base/error.hpp>

#include <cstdint>
#include <string_view>

namespace tallycast::net {

struct guard_verdict {
    base::errc code = base::errc::invalid_request;  // meaningful only when not ok
    std::string_view why;                           // static text, fit to be shown
    bool ok = true;
};

class request_guard {
public:
    void reset() { *this = request_guard{}; }

    // Each takes one line without its CRLF. Order: the request line, each field line, then finish()
    // at the empty line. After a verdict that is not ok only reset() may follow.
    guard_verdict request_line(std::string_view line);
    guard_verdict field_line(std::string_view line);
    guard_verdict finish();

    // How the body is framed; valid after finish() was ok.
    bool chunked() const { return chunked_; }
    bool has_body() const { return chunked_ || content_length_ > 0; }
    std::uint64_t content_length() const { return content_length_; }

    bool http_1_1() const { return http_1_1_; }
    bool keep_alive() const { return http_1_1_ ? !says_close_ : says_keep_alive_ && !says_close_; }
    bool upgrade() const { return says_upgrade_ && has_upgrade_; }
    bool expects_continue() const { return expects_continue_ && http_1_1_; }

private:
    guard_verdict framing_field(std::string_view name, std::string_view value);
    guard_verdict content_length_field(std::string_view value);
    guard_verdict transfer_encoding_field(std::string_view value);
    guard_verdict connection_field(std::string_view value);
    guard_verdict once(std::uint16_t bit, std::string_view why);

    std::uint64_t content_length_ = 0;
    std::uint16_t seen_ = 0;  // one bit for each field that may stand only once
    std::uint8_t fields_ = 0;
    bool http_1_1_ = true;
    bool chunked_ = false;
    bool says_close_ = false;
    bool says_keep_alive_ = false;
    bool says_upgrade_ = false;
    bool has_upgrade_ = false;
    bool expects_continue_ = false;
};

}  // namespace tallycast::net
