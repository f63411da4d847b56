// Reads any bytes as a connection's requests, once whole and once in pieces whose sizes the first
// byte chooses, the buffer somewhere else each time. Both must see the same requests and the same
// end.

#include <tallycast/net/request_parser.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

namespace {

using tallycast::net::request;
using tallycast::net::request_parser;

std::size_t limit_for(const request& current) {
    return current.path.size() % 2 == 0 ? 16 * 1024 : 256;
}

std::string read(std::string_view bytes, std::size_t piece) {
    request_parser parser{limit_for};
    std::string seen;
    std::size_t begin = 0;
    for (std::size_t end = std::min(piece, bytes.size());;) {
        const auto size = end - begin;
        const auto moved = std::make_unique<char[]>(size);
        std::copy_n(bytes.data() + begin, size, moved.get());
        const auto step = parser.resume({moved.get(), size});
        if (step == request_parser::progress::refused)
            return seen + "refused " + std::to_string(static_cast<int>(parser.refusal().code));
        if (step == request_parser::progress::complete) {
            const auto& current = parser.current();
            seen.append(current.target).append("\n").append(current.body).append("\n");
            for (std::size_t i = 0; i < current.field_count; ++i)
                seen.append(current.fields[i].name).append(":").append(current.fields[i].value);
            if (parser.consumed() == 0 || parser.consumed() > size) std::abort();
            begin += parser.consumed();
            parser.reset();
            continue;
        }
        if (parser.bytes_needed() == 0) std::abort();
        if (end == bytes.size()) return seen + "more";
        end = std::min(end + piece, bytes.size());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size < 2) return 0;
    const std::size_t piece = 1 + bytes[0] % 64;
    const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
    if (read(text, text.size()) != read(text, piece)) std::abort();
    return 0;
}
