#pragma once
// Reads one request at a time out of the bytes a connection has collected; allocates only for a
// chunked body. The caller keeps the buffer and may move or grow it between calls, because only
// offsets are remembered. Whatever the guard or a limit refuses ends the connection: answer with
// refusal().code and close, and never read on, because what follows may be somebody else's request.

#include <tallycast/net/request.hpp>
#include <tallycast/net/request_guard.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tallycast::net {

class request_parser {
public:
    enum class progress : std::uint8_t { need_more, complete, refused };

    // The largest body that this request may have, in bytes. Asked once, when the header is
    // complete (body still empty), so that routes may differ.
    using body_limit_fn = std::size_t (*)(const request&);

    explicit request_parser(body_limit_fn limit_for) : limit_for_(limit_for) {}
    request_parser(const request_parser&) = delete;  // current() points into it
    request_parser& operator=(const request_parser&) = delete;

    // `whole` begins at the first byte of the current request and holds every byte not yet
    // consumed. Call again with more after need_more; after complete, current() is valid until
    // `whole` changes.
    progress resume(std::string_view whole);

    // Forgets the current request; the next `whole` begins behind its consumed() bytes.
    void reset();

    // From here on until complete the deadline is that of a body, before it that of a header.
    bool header_complete() const { return header_size_ != 0; }
    // True once current() is valid: it stays so when only the body is refused, and never becomes so
    // when the header is.
    bool header_readable() const { return bound_to_ != nullptr; }
    // True once the header is complete, a body is awaited, none of it has come and the client asked
    // to be told to go on. Answer 100 and call continue_sent().
    bool wants_continue() const;
    void continue_sent() { continue_sent_ = true; }
    // How many more bytes are certainly needed; 0 when complete or refused.
    std::size_t bytes_needed() const;

    // Valid (without body) as soon as header_readable(), bound to the `whole` of the last resume().
    const request& current() const { return current_; }
    std::size_t consumed() const { return consumed_; }  // valid when complete
    const guard_verdict& refusal() const { return refusal_; }

private:
    enum class stage : std::uint8_t {
        header,
        fixed_body,
        chunk_size,
        chunk_extension,
        chunk_line_feed,
        chunk_bytes,
        chunk_end,
        chunk_end_feed,
        last_end,
        last_end_feed,
        complete,
        refused,
    };
    struct span {
        std::uint16_t begin = 0;
        std::uint16_t size = 0;
    };
    struct field_span {
        boost::beast::http::field id = boost::beast::http::field::unknown;
        span name;
        span value;
    };
    class header_reader;  // Beast's parser with callbacks that note offsets

    progress refuse(guard_verdict verdict);
    progress refuse(base::errc code, std::string_view why) { return refuse({code, why, false}); }
    progress read_header(std::string_view whole);
    guard_verdict check_line(std::string_view whole, std::size_t end);
    progress header_done(std::string_view whole);
    bool read_with_beast(std::string_view header);
    void bind(std::string_view whole);
    progress read_fixed_body(std::string_view whole);
    progress read_chunks(std::string_view whole);
    void framing_byte(char c);
    void chunk_size_byte(char c);
    void chunk_extension_byte(char c);
    void chunk_line_done();
    void broken_chunk();
    void expect(char c, char expected, stage next);
    void take_chunk_bytes(std::string_view whole);
    progress finish(std::string_view whole);

    body_limit_fn limit_for_;
    stage stage_ = stage::header;
    bool request_line_read_ = false;
    bool continue_sent_ = false;
    request_guard guard_;
    guard_verdict refusal_;

    std::size_t position_ = 0;    // next byte to look at
    std::size_t line_begin_ = 0;  // of the header line being collected
    std::size_t header_size_ = 0;
    std::size_t consumed_ = 0;
    std::size_t body_limit_ = 0;
    const char* bound_to_ = nullptr;

    span target_;
    std::array<field_span, max_header_fields> fields_;
    request current_;

    std::string decoded_;         // a chunked body
    std::size_t chunk_left_ = 0;  // bytes of the chunk not yet taken
    std::size_t chunk_digits_ = 0;
    std::size_t extension_bytes_ = 0;
    std::size_t framing_bytes_ = 0;  // spent on chunk lines, so that tiny chunks are noticed
};

}  // namespace tallycast::net
