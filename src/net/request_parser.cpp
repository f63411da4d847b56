#include <tallycast/net/request_parser.hpp>

#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <cstring>

namespace tallycast::net {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr std::size_t max_extension_bytes = 64;
constexpr std::size_t max_size_digits = 16;
constexpr std::size_t kept_body_capacity = 16 * 1024;

// Chunk lines may cost this much more than a quarter of what they carry. It bounds what has to be
// buffered, and one-byte chunks run into it after some two hundred of them.
constexpr std::size_t free_framing_bytes = 1024;

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const int letter = c | 0x20;
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

}  // namespace

// Lives only while a complete header is read, so nothing of Beast's state is kept between requests.
class request_parser::header_reader final : public http::basic_parser<true> {
public:
    header_reader(request_parser& to, std::string_view header)
        : to_(to), base_(header.data()), size_(header.size()) {
        this->header_limit(2 * max_header_bytes);  // ours was applied before
        this->body_limit(boost::none);
    }

private:
    span noted(beast::string_view part) const {
        return {static_cast<std::uint16_t>(part.data() - base_),
                static_cast<std::uint16_t>(part.size())};
    }

    void on_request_impl(http::verb method, beast::string_view, beast::string_view target,
                         int version, beast::error_code&) override {
        to_.current_.method = method;
        to_.current_.http_1_1 = version == 11;
        to_.target_ = noted(target);
    }

    void on_field_impl(http::field id, beast::string_view name, beast::string_view value,
                       beast::error_code& error) override {
        auto& count = to_.current_.field_count;
        // A folded value would lie in Beast's own memory; the guard has refused it, so this is a
        // bug.
        const bool ours = value.empty() || (value.data() >= base_ && value.data() < base_ + size_);
        if (count == max_header_fields || !ours) {
            error = http::error::bad_field;
            return;
        }
        to_.fields_[count++] = {id, noted(name), value.empty() ? span{} : noted(value)};
    }

    // Asked for since Boost 1.90, and never called here; no `override`, so that older versions
    // compile as well.
    void on_trailer_field_impl(http::field, beast::string_view, beast::string_view,
                               beast::error_code&) {}
    void on_header_impl(beast::error_code&) override {}
    void on_finish_impl(beast::error_code&) override {}

    // The body never goes through Beast: see read_chunks.
    void on_response_impl(int, beast::string_view, int, beast::error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, beast::error_code&) override {}
    std::size_t on_body_impl(beast::string_view, beast::error_code&) override { return 0; }
    void on_chunk_header_impl(std::uint64_t, beast::string_view, beast::error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view, beast::error_code&) override {
        return 0;
    }

    request_parser& to_;
    const char* base_;
    std::size_t size_;
};

request_parser::progress request_parser::resume(std::string_view whole) {
    switch (stage_) {
        case stage::header: return read_header(whole);
        case stage::complete: bind(whole); return progress::complete;
        case stage::refused: return progress::refused;
        case stage::fixed_body: bind(whole); return read_fixed_body(whole);
        default: bind(whole); return read_chunks(whole);
    }
}

void request_parser::reset() {
    stage_ = stage::header;
    request_line_read_ = continue_sent_ = false;
    guard_.reset();
    refusal_ = {};
    position_ = line_begin_ = header_size_ = consumed_ = body_limit_ = 0;
    bound_to_ = nullptr;
    current_.field_count = 0;
    current_.body = {};
    if (decoded_.capacity() > kept_body_capacity) std::string{}.swap(decoded_);
    decoded_.clear();
    chunk_left_ = chunk_digits_ = extension_bytes_ = framing_bytes_ = 0;
}

bool request_parser::wants_continue() const {
    const bool awaits_body = header_complete() && stage_ < stage::complete;
    return awaits_body && !continue_sent_ && guard_.expects_continue() && position_ == header_size_;
}

std::size_t request_parser::bytes_needed() const {
    switch (stage_) {
        case stage::complete:
        case stage::refused: return 0;
        case stage::fixed_body:
            return header_size_ + static_cast<std::size_t>(guard_.content_length()) - position_;
        case stage::chunk_bytes: return chunk_left_ + std::strlen("\r\n0\r\n\r\n");
        default: return 1;
    }
}

request_parser::progress request_parser::refuse(guard_verdict verdict) {
    stage_ = stage::refused;
    refusal_ = verdict;
    return progress::refused;
}

// Line by line, so that the verdict comes with the first bad line and each byte is looked for once.
request_parser::progress request_parser::read_header(std::string_view whole) {
    const std::size_t end = std::min(whole.size(), max_header_bytes);
    const auto find = [&](char c, std::size_t before) -> std::size_t {
        const void* at = std::memchr(whole.data() + position_, c, before - position_);
        return at ? static_cast<std::size_t>(static_cast<const char*>(at) - whole.data()) : before;
    };
    while (position_ < end) {
        const auto line_end = find('\r', end);
        // Looked for before the line is complete and before it is checked, or the verdict would
        // depend on how much had come.
        if (find('\n', line_end) != line_end)
            return refuse(base::errc::invalid_request, "A line ends without CR.");
        position_ = line_end;
        if (line_end + 1 >= end) break;
        if (whole[line_end + 1] != '\n')
            return refuse(base::errc::invalid_request, "A CR stands alone.");
        const auto verdict = check_line(whole, line_end);
        if (!verdict.ok) return refuse(verdict);
        const bool empty_line = line_end == line_begin_;
        position_ = line_begin_ = line_end + 2;
        if (empty_line) return header_done(whole);
    }
    if (end == max_header_bytes)
        return refuse(base::errc::headers_too_large, "The header is larger than 8 KiB.");
    return progress::need_more;
}

guard_verdict request_parser::check_line(std::string_view whole, std::size_t end) {
    const auto line = whole.substr(line_begin_, end - line_begin_);
    if (!request_line_read_) {
        request_line_read_ = true;
        return guard_.request_line(line);
    }
    return line.empty() ? guard_.finish() : guard_.field_line(line);
}

request_parser::progress request_parser::header_done(std::string_view whole) {
    header_size_ = position_;
    if (!read_with_beast(whole.substr(0, header_size_)))
        return refuse(base::errc::invalid_request, "The header cannot be read.");
    current_.keep_alive = guard_.keep_alive();
    current_.upgrade = guard_.upgrade();
    current_.expects_continue = guard_.expects_continue();
    bind(whole);
    if (!guard_.has_body()) {
        stage_ = stage::fixed_body;
        return finish(whole);
    }
    body_limit_ = limit_for_(current_);
    if (guard_.content_length() > body_limit_)
        return refuse(base::errc::body_too_large, "The body is too large.");
    stage_ = guard_.chunked() ? stage::chunk_size : stage::fixed_body;
    return guard_.chunked() ? read_chunks(whole) : read_fixed_body(whole);
}

// Both readers must see the same framing; where they part, somebody else may part from us as well.
bool request_parser::read_with_beast(std::string_view header) {
    header_reader reader(*this, header);
    beast::error_code error;
    const auto used = reader.put(boost::asio::const_buffer(header.data(), header.size()), error);
    if (error || used != header.size() || !reader.is_header_done()) return false;
    return reader.chunked() == guard_.chunked() &&
           reader.content_length().value_or(0) == guard_.content_length() &&
           current_.http_1_1 == guard_.http_1_1();
}

void request_parser::bind(std::string_view whole) {
    if (whole.data() == bound_to_) return;
    bound_to_ = whole.data();
    const auto at = [&](span part) { return std::string_view{bound_to_ + part.begin, part.size}; };
    current_.target = at(target_);
    const auto mark = std::min(current_.target.find('?'), current_.target.size());
    current_.path = current_.target.substr(0, mark);
    current_.query = current_.target.substr(std::min(mark + 1, current_.target.size()));
    for (std::size_t i = 0; i < current_.field_count; ++i)
        current_.fields[i] = {fields_[i].id, at(fields_[i].name), at(fields_[i].value)};
    if (stage_ == stage::complete && !guard_.chunked())
        current_.body = whole.substr(header_size_, consumed_ - header_size_);
}

request_parser::progress request_parser::read_fixed_body(std::string_view whole) {
    const std::size_t end = header_size_ + static_cast<std::size_t>(guard_.content_length());
    position_ = std::min(end, whole.size());
    return position_ == end ? finish(whole) : progress::need_more;
}

request_parser::progress request_parser::finish(std::string_view whole) {
    stage_ = stage::complete;
    consumed_ = position_;
    current_.body = guard_.chunked() ? std::string_view{decoded_}
                                     : whole.substr(header_size_, consumed_ - header_size_);
    return progress::complete;
}

// Read by hand, because Beast's chunk reader takes trailers and long extensions, and waits for ever
// on a line ended by LF alone. Grammar: *( size [ extension ] CRLF bytes CRLF ) "0" [ extension ]
// CRLF CRLF
request_parser::progress request_parser::read_chunks(std::string_view whole) {
    while (position_ < whole.size()) {
        if (stage_ == stage::chunk_bytes) take_chunk_bytes(whole);
        else framing_byte(whole[position_++]);
        if (stage_ == stage::complete) return finish(whole);
        if (stage_ == stage::refused) return progress::refused;
    }
    return progress::need_more;
}

void request_parser::framing_byte(char c) {
    ++framing_bytes_;
    switch (stage_) {
        case stage::chunk_size: return chunk_size_byte(c);
        case stage::chunk_extension: return chunk_extension_byte(c);
        case stage::chunk_line_feed: return c == '\n' ? chunk_line_done() : broken_chunk();
        case stage::chunk_end: return expect(c, '\r', stage::chunk_end_feed);
        case stage::chunk_end_feed: return expect(c, '\n', stage::chunk_size);
        case stage::last_end:
            if (c == '\r') return expect(c, '\r', stage::last_end_feed);
            refuse(base::errc::invalid_request, "Trailers are not taken.");
            return;
        default: return expect(c, '\n', stage::complete);
    }
}

void request_parser::broken_chunk() {
    refuse(base::errc::invalid_request, "The chunked body is not well formed.");
}

void request_parser::expect(char c, char expected, stage next) {
    if (c != expected) return broken_chunk();
    stage_ = next;
}

void request_parser::chunk_size_byte(char c) {
    const int digit = hex_value(c);
    if (digit >= 0 && chunk_digits_ < max_size_digits) {
        ++chunk_digits_;
        chunk_left_ = chunk_left_ * 16 + static_cast<std::size_t>(digit);
        if (chunk_left_ > body_limit_ - decoded_.size())
            refuse(base::errc::body_too_large, "The body is too large.");
        return;
    }
    if (chunk_digits_ == 0 || (c != ';' && c != '\r')) return broken_chunk();
    stage_ = c == '\r' ? stage::chunk_line_feed : stage::chunk_extension;
}

// An extension means nothing to us; it is only kept from being a place to hide bytes in.
void request_parser::chunk_extension_byte(char c) {
    if (c == '\r') {
        stage_ = stage::chunk_line_feed;
        return;
    }
    const auto byte = static_cast<unsigned char>(c);
    const bool visible = c == '\t' || (byte >= 0x20 && byte < 0x7F);
    if (!visible || ++extension_bytes_ > max_extension_bytes) broken_chunk();
}

void request_parser::chunk_line_done() {
    if (framing_bytes_ > free_framing_bytes + decoded_.size() / 4) {
        refuse(base::errc::invalid_request, "The chunks are too small.");
        return;
    }
    chunk_digits_ = 0;
    stage_ = chunk_left_ == 0 ? stage::last_end : stage::chunk_bytes;
}

void request_parser::take_chunk_bytes(std::string_view whole) {
    const std::size_t taken = std::min(chunk_left_, whole.size() - position_);
    decoded_.append(whole.substr(position_, taken));
    position_ += taken;
    chunk_left_ -= taken;
    if (chunk_left_ == 0) stage_ = stage::chunk_end;
}

}  // namespace tallycast::net
