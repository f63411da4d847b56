// traceparent: what is read has the ids that stand there, and is written as it was read; whatever
// cannot be so is none.

#include <tallycast/wire/traceparent.hpp>

#include <fuzz/expect.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace tallycast;
using fuzz::expect;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto context = wire::read_traceparent(text);
    if (!context) return 0;
    const auto written = wire::write_traceparent(*context);
    expect(written.substr(2, 51) == text.substr(2, 51), "the ids are those that were read");
    expect(context->trace != base::trace_id{} && context->span != base::span_id{},
           "no id is all zeros");
    const auto again = wire::read_traceparent(written);
    expect(again && again->sampled == context->sampled, "what is written can be read");
    return 0;
}
