#include <tallycast/net/compression.hpp>

#include <boost/beast/core/string.hpp>

#include <brotli/encode.h>
#include <zlib.h>

#include <cassert>
#include <cstdint>
#include <new>

namespace tallycast::net {

namespace {

constexpr int brotli_quality = 5;
constexpr int brotli_window_bits = 18;

constexpr int level = 5;
constexpr int window_bits = 15 + 16;  // 16: with the head and tail of gzip
constexpr int memory_level = 8;       // zlib's usual one

std::string_view trimmed(std::string_view text) {
    const auto blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
}

std::string_view take_item(std::string_view& list, char separator) {
    const auto end = list.find(separator);
    const auto item = trimmed(list.substr(0, end));
    list = end == std::string_view::npos ? std::string_view{} : list.substr(end + 1);
    return item;
}

// Whether a weight ("q=0.5") is above nothing; without one it is 1.
bool has_weight(std::string_view parameters) {
    while (!parameters.empty()) {
        const auto one = take_item(parameters, ';');
        if (one.size() < 2 || (one[0] | 0x20) != 'q' || one[1] != '=') continue;
        return one.find_first_of("123456789") != std::string_view::npos;
    }
    return true;
}

// Ended whatever happens.
struct deflation {
    z_stream stream{};
    deflation() {
        if (deflateInit2(&stream, level, Z_DEFLATED, window_bits, memory_level,
                         Z_DEFAULT_STRATEGY) != Z_OK)
            throw std::bad_alloc();
    }
    ~deflation() { deflateEnd(&stream); }
    deflation(const deflation&) = delete;
    deflation& operator=(const deflation&) = delete;
};

}  // namespace

bool takes_coding(std::string_view accept_encoding, std::string_view coding) {
    bool any = false;
    while (!accept_encoding.empty()) {
        auto item = take_item(accept_encoding, ',');
        const auto named = take_item(item, ';');
        if (boost::beast::iequals(named, coding)) return has_weight(item);
        if (named == "*") any = has_weight(item);
    }
    return any;
}

std::string gzipped(std::string_view bytes) {
    deflation work;
    std::string out(deflateBound(&work.stream, bytes.size()), '\0');
    // zlib reads through a pointer to what it may not change.
    work.stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    work.stream.avail_in = static_cast<uInt>(bytes.size());
    work.stream.next_out = reinterpret_cast<Bytef*>(out.data());
    work.stream.avail_out = static_cast<uInt>(out.size());
    // With room for the bound it is one step.
    [[maybe_unused]] const auto done = deflate(&work.stream, Z_FINISH);
    assert(done == Z_STREAM_END);
    out.resize(work.stream.total_out);
    return out;
}

std::string brotlied(std::string_view bytes) {
    auto size = BrotliEncoderMaxCompressedSize(bytes.size());
    std::string out(size, '\0');
    // With room for the bound only memory can be lacking.
    if (!BrotliEncoderCompress(brotli_quality, brotli_window_bits, BROTLI_MODE_TEXT, bytes.size(),
                               reinterpret_cast<const std::uint8_t*>(bytes.data()), &size,
                               reinterpret_cast<std::uint8_t*>(out.data())))
        throw std::bad_alloc();
    out.resize(size);
    return out;
}

}  // namespace tallycast::net
