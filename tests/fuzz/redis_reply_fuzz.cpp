// What comes from Redis, or from whoever sits in its place: read alike in one piece and in many,
// always within the bounds, and never again after a failure.

#include <redis/reply_reader.hpp>

#include <fuzz/expect.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

using namespace tallycast::redis;
using tallycast::fuzz::expect;

namespace {

std::size_t elements_of(const reply& one, int depth) {
    expect(depth <= deepest_reply || one.what != reply::kind::array, "depth is bounded");
    expect(one.items.empty() || one.what == reply::kind::array, "only arrays have items");
    expect(one.text.size() <= longest_bulk, "texts are bounded");
    std::size_t sum = one.items.size();
    for (const auto& item : one.items) sum += elements_of(item, depth + 1);
    return sum;
}

std::vector<reply> read(std::string_view bytes, std::size_t piece, bool& failed) {
    reply_reader reader;
    std::vector<reply> found;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        reader.feed(bytes.substr(at, piece));
        while (auto one = reader.next()) {
            expect(elements_of(*one, 1) <= most_elements, "elements are bounded");
            found.push_back(std::move(*one));
        }
        if (!reader.failed()) continue;
        reader.feed("+OK\r\n");
        expect(!reader.next() && !reader.why().empty(), "a failure is for good, and has a reason");
        break;
    }
    failed = reader.failed();
    return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    bool failed = false;
    bool failed_in_pieces = false;
    const auto found = read(bytes, size + 1, failed);
    const std::size_t piece = size > 0 ? 1 + data[0] % 7 : 1;
    const auto again = read(bytes, piece, failed_in_pieces);
    expect(found == again, "the replies do not depend on how the bytes came");
    expect(!failed || failed_in_pieces, "what fails in one piece fails in many");
    return 0;
}
