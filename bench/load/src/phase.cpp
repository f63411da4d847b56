#include <tallycast/load/phase.hpp>

#include <tallycast/load/report.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace tallycast::load {

namespace {

std::chrono::duration<double> cpu_used() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return std::chrono::duration<double>(static_cast<double>(time.tv_sec) +
                                             static_cast<double>(time.tv_usec) / 1e6);
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// How many of `all` fall to part `index` of `parts`: even, and none lost.
std::uint32_t share_of(std::uint32_t all, std::size_t index, std::size_t parts) {
    const auto begin = static_cast<std::uint64_t>(all) * index / parts;
    const auto end = static_cast<std::uint64_t>(all) * (index + 1) / parts;
    return static_cast<std::uint32_t>(end - begin);
}

pump_settings settings_for(const options& from, const phase_wishes& wishes, std::size_t index,
                           std::size_t parts, std::chrono::steady_clock::time_point deadline) {
    pump_settings made;
    made.nodes = wishes.nodes;
    made.connections = std::max(1u, share_of(from.connections, index, parts));
    if (wishes.open_loop) made.open_loop = wishes.open_loop->share(parts);
    made.deadline = deadline;
    made.answer_timeout = from.answer_timeout;
    made.seed = from.seed + index * 100'003;
    made.speaks = wishes.speaks;
    return made;
}

// Wakes the watcher early when the last pump is done.
class finish_line {
public:
    explicit finish_line(std::size_t runners) : left_(runners) {}
    void cross() {
        const std::lock_guard lock(mutex_);
        --left_;
        changed_.notify_all();
    }
    // True when all have crossed before the time is over.
    bool wait_for(std::chrono::milliseconds time) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, time, [this] { return left_ == 0; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t left_;
};

void fold(phase_result& into, const pump_counts& from) {
    into.settled += from.settled.load();
    into.answers += from.answers.load();
    into.asked += from.asked;
    into.retries += from.retries;
    into.unanswered += from.unanswered;
    into.reconnects += from.reconnects;
    for (std::size_t i = 0; i < from.statuses.size(); ++i) into.statuses[i] += from.statuses[i];
    for (std::size_t i = 0; i < from.unadvised.size(); ++i) into.unadvised[i] += from.unadvised[i];
    into.settled_in_second.resize(
        std::max(into.settled_in_second.size(), from.settled_in_second.size()));
    for (std::size_t i = 0; i < from.settled_in_second.size(); ++i)
        into.settled_in_second[i] += from.settled_in_second[i];
    into.late += from.late;
    into.latency.merge(from.latency);
    into.last_try.merge(from.last_try);
    into.step_latency.resize(from.step_latency.size());
    for (std::size_t i = 0; i < from.step_latency.size(); ++i)
        into.step_latency[i].merge(from.step_latency[i]);
}

}  // namespace

std::optional<std::string> bottleneck(const phase_result& phase) {
    constexpr double busiest = 0.8;     // of the client's cores
    constexpr double most_late = 0.01;  // of what it asked
    const auto percent = [](double share) {
        return std::to_string(std::lround(share * 100)) + " %";
    };
    if (phase.steps.empty() || phase.elapsed.count() <= 0) return std::nullopt;
    const double busy =
        phase.cpu.count() / phase.elapsed.count() / static_cast<double>(phase.threads);
    const double late = static_cast<double>(phase.late) / static_cast<double>(phase.wanted);
    if (busy > busiest) return "the client used " + percent(busy) + " of its cores";
    if (late > most_late) return "the client was late for " + percent(late) + " of what fell due";
    return std::nullopt;
}

phase_result run_phase(const options& from, const phase_wishes& wishes,
                       const std::vector<std::unique_ptr<work>>& parts) {
    using clock = std::chrono::steady_clock;
    phase_result result;
    for (const auto& part : parts) result.wanted += part->size();
    result.threads = parts.size();
    if (wishes.open_loop) result.steps = wishes.open_loop->steps();
    std::vector<std::unique_ptr<pump_counts>> counts;
    for (std::size_t i = 0; i < parts.size(); ++i)
        counts.push_back(std::make_unique<pump_counts>());
    const auto started = clock::now();
    const auto cpu_before = cpu_used();
    finish_line line(parts.size());
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const auto settings =
                settings_for(from, wishes, i, parts.size(), started + from.timeout);
            threads.emplace_back([&line, settings, &part = *parts[i], &count = *counts[i]] {
                pump(part, settings, count).run();
                line.cross();
            });
        }
        progress_line progress(wishes.title, result.wanted);
        while (!line.wait_for(progress.interval())) {
            std::uint64_t settled = 0;
            for (const auto& each : counts)
                settled += each->settled.load(std::memory_order_relaxed);
            progress.show(settled, clock::now() - started);
        }
    }
    result.elapsed = clock::now() - started;
    result.cpu = cpu_used() - cpu_before;
    for (const auto& each : counts) fold(result, *each);
    return result;
}

}  // namespace tallycast::load
