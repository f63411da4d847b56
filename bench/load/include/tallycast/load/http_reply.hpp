#pragma once
// Reads HTTP/1.1 replies that carry a Content-Length, which is all the voter routes send.
// Pure: bytes are appended by the caller and taken off the front, one whole reply at a time.

#include <cstdint>
#include <optional>
#include <string>

namespace tallycast::load {

struct http_reply {
    int status = 0;
    std::string body;
    std::optional<std::uint64_t> retry_after_s;
    bool closes = false;  // the server will close the connection after this reply
};

enum class reply_progress { need_more, complete, broken };

inline constexpr std::size_t max_reply_header = 64 * 1024;
inline constexpr std::size_t max_reply_body = 4 * 1024 * 1024;

// complete: `to` is filled and the reply's bytes are gone from `in`. broken: this is no HTTP reply
// that can be followed; the connection is of no more use.
reply_progress take_reply(std::string& in, http_reply& to);

// Only the head, for an upgrade: what follows stays in `in`.
reply_progress take_reply_head(std::string& in, http_reply& to);

}  // namespace tallycast::load
