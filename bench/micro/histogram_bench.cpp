// The load generator records every answer, so that must cost next to nothing.

#include <tallycast/load/histogram.hpp>

#include <benchmark/benchmark.h>

#include <memory>

namespace {

void record_one(benchmark::State& state) {
    const auto kept = std::make_unique<tallycast::load::histogram>();
    std::int64_t value = 1;
    for (auto _ : state) {
        value = (value * 1'103'515 + 12'345) % 50'000'000;
        kept->record(std::chrono::nanoseconds(value));
    }
    benchmark::DoNotOptimize(kept->count());
}
BENCHMARK(record_one);

}  // namespace
