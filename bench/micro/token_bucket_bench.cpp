// What a limit costs each request.

#include <tallycast/domain/token_bucket.hpp>

#include <benchmark/benchmark.h>

namespace {

using namespace tallycast;

void take_one(benchmark::State& state) {
    const auto rate = domain::bucket_rate::of(1'000, 100);
    domain::token_bucket bucket;
    base::mono_time now{std::chrono::hours(1)};
    for (auto _ : state) {
        now += std::chrono::microseconds(state.range(0));
        benchmark::DoNotOptimize(domain::take(bucket, rate, now));
    }
}
// Within the rate, and at ten times the rate, where nearly all are refused.
BENCHMARK(take_one)->ArgName("us_between")->Arg(1'000)->Arg(100);

}  // namespace
