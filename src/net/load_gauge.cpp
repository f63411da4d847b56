#include <tallycast/net/load_gauge.hpp>

#include <algorithm>
#include <utility>

#include <time.h>

namespace tallycast::net {

namespace {

using ports::level;

std::chrono::nanoseconds cpu_time_of_this_thread() {
    timespec spent{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return std::chrono::seconds(spent.tv_sec) + std::chrono::nanoseconds(spent.tv_nsec);
}

double seconds(std::chrono::nanoseconds span) {
    return std::chrono::duration<double>(span).count();
}

}  // namespace

void load_gauge::tick(base::mono_time now, std::chrono::nanoseconds delay) {
    auto& meter = core_.meter;
    meter.observe(ports::timing::loop_delay, seconds(delay));
    meter.set(level::vote_queue, static_cast<double>(core_.batcher.waiting()));
    meter.set(level::vote_queue_age, seconds(core_.batcher.tick(now)));
    meter.set(level::pressure, core_.admission.pressure());
}

void load_gauge::measure(base::mono_time now, const app::hub_counts& hub,
                         std::size_t connection_limit) {
    auto& meter = core_.meter;
    const auto busy = cpu_time_of_this_thread();
    const auto spent = busy - std::exchange(busy_until_then_, busy);
    const auto passed = now - std::exchange(measured_at_, now);
    meter.add(ports::count::loop_busy_nanoseconds, static_cast<std::uint64_t>(spent.count()));
    meter.set(level::loop_busy_ratio, std::min(seconds(spent) / seconds(passed), 1.0));
    meter.set(level::loops, 1);
    meter.set(level::connection_limit, static_cast<double>(connection_limit));
    meter.set(level::vote_queue_limit, static_cast<double>(core_.batcher.queue_limit()));
    meter.set(level::results_age, seconds(core_.unshown.oldest(now)));
    meter.add(ports::count::messages_superseded,
              hub.superseded - std::exchange(superseded_until_then_, hub.superseded));
}

}  // namespace tallycast::net
