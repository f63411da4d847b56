// The fan-out core beside its model, led by the input's bytes.

#include <fuzz/hub_model.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (const auto complaint = tallycast::fuzz::hub_trial::run({data, size})) {
        std::fprintf(stderr, "%s\n", complaint->c_str());
        std::abort();
    }
    return 0;
}
