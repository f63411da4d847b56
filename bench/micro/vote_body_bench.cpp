// What reading the body of a vote costs: the short form nearly all votes have, and long ones.

#include <tallycast/wire/vote_body.hpp>

#include <benchmark/benchmark.h>

#include <string>

namespace {

using namespace tallycast;

std::string body_with(std::int64_t choices) {
    std::string body = R"({"choices":[)";
    for (std::int64_t i = 0; i < choices; ++i) {
        if (i > 0) body += ',';
        body += "\"option-" + std::to_string(i) + '"';
    }
    return body + "]}";
}

void read_body(benchmark::State& state) {
    const auto body = body_with(state.range(0));
    wire::vote_body_reader reader;
    for (auto _ : state) {
        auto form = reader.read(body);
        if (!form || form->choices.size() != static_cast<std::size_t>(state.range(0)))
            state.SkipWithError("the body was not understood");
        benchmark::DoNotOptimize(form);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(read_body)->ArgName("choices")->Arg(1)->Arg(8)->Arg(64);

void refuse_body(benchmark::State& state) {
    const std::string body = R"({"choices":["a"],"extra":1})";
    wire::vote_body_reader reader;
    for (auto _ : state) {
        auto form = reader.read(body);
        if (form) state.SkipWithError("an unknown field was accepted");
        benchmark::DoNotOptimize(form);
    }
}
BENCHMARK(refuse_body);

}  // namespace
