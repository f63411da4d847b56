// A client's bytes as frames: the same events whether they come whole, one by one or cut anywhere,
// and the same as a plain decoder finds. The first two bytes choose a cut.

#include <fuzz/ws_model.hpp>

#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <string_view>

using namespace tallycast;

namespace {

void expect(bool true_statement) {
    if (!true_statement) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::string_view stream(reinterpret_cast<const char*>(data) + 2, size - 2);
    const std::size_t cut = (data[0] * 256u + data[1]) % (stream.size() + 1);
    const wire::ws_limits limits{.message_bytes = 300, .fragments = 5, .control_per_second = 4};

    const fuzz::ws_lines plain = fuzz::naive_ws(stream, limits).lines();
    expect(fuzz::decoded(stream, {}, limits) == plain);
    expect(fuzz::decoded(stream, {cut}, limits) == plain);
    std::vector<std::size_t> everywhere(stream.size());
    std::iota(everywhere.begin(), everywhere.end(), std::size_t{0});
    expect(fuzz::decoded(stream, everywhere, limits) == plain);
    return 0;
}
