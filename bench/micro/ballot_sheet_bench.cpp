// What the store does for each vote: read the voter's record, write it, move the tally.

#include <tallycast/domain/ballot_sheet.hpp>
#include <tallycast/domain/fingerprint.hpp>
#include <tallycast/domain/tally.hpp>

#include <benchmark/benchmark.h>

#include <cstdint>

namespace {

using namespace tallycast;

constexpr std::uint64_t crowd = 1'000'000;

domain::poll_definition four_options(bool allow_change) {
    domain::poll_definition made;
    made.question = "Which one?";
    for (const char* id : {"a", "b", "c", "d"}) made.options.push_back({id, id});
    made.rules.allow_change = allow_change;
    return made;
}

// A stride that meets every voter once, out of order, as votes arrive.
std::uint64_t next_voter(std::uint64_t voter) { return (voter + 618'033) % crowd; }

void first_votes(benchmark::State& state) {
    const auto definition = four_options(state.range(0) != 0);
    domain::ballot_sheet sheet(definition);
    domain::tally tally(definition);
    domain::sheet_record record;
    record.sequence = 1;
    record.recent[0] = {domain::tag_of_key("b0c1-77"), 1};
    std::uint64_t voter = 0;
    for (auto _ : state) {
        voter = next_voter(voter);
        const base::voter_number number{voter + 1};
        benchmark::DoNotOptimize(sheet.read(number));
        record.vote.bits = 1 + voter % 4;
        sheet.write(number, record);
        tally.add(definition, record.vote);
    }
    state.SetItemsProcessed(state.iterations());
    state.counters["bytes_used"] = static_cast<double>(sheet.bytes_used());
}
BENCHMARK(first_votes)->ArgName("allow_change")->Arg(0)->Arg(1);

void repeated_votes(benchmark::State& state) {
    const auto definition = four_options(false);
    domain::ballot_sheet sheet(definition);
    domain::sheet_record record;
    record.sequence = 1;
    record.vote.bits = 2;
    for (std::uint64_t i = 1; i <= crowd; ++i) sheet.write({i}, record);
    std::uint64_t voter = 0;
    for (auto _ : state) {
        voter = next_voter(voter);
        benchmark::DoNotOptimize(sheet.read({voter + 1}));
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(repeated_votes);

void fingerprint_of_a_key(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(domain::tag_of_key("b0c1d2e3-123456"));
}
BENCHMARK(fingerprint_of_a_key);

}  // namespace
