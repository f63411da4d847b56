#include <tallycast/domain/token_bucket.hpp>

#include <algorithm>

namespace tallycast::domain {

namespace {

// Nobody waits longer for a bucket to fill, and sums of such times are far from 64 bits of
// nanoseconds.
constexpr std::chrono::nanoseconds longest_to_fill = std::chrono::years{50};

}  // namespace

bucket_rate bucket_rate::of(double per_second, std::uint32_t burst) {
    const auto longest = static_cast<double>(longest_to_fill.count());
    const std::chrono::nanoseconds interval{
        static_cast<std::int64_t>(std::min(1e9 / per_second, longest))};
    if (interval.count() == 0) return {interval, burst};
    const auto most = static_cast<std::uint64_t>(longest_to_fill / interval);
    return {interval, static_cast<std::uint32_t>(std::min<std::uint64_t>(burst, most))};
}

bucket_answer take(token_bucket& bucket, const bucket_rate& rate, base::mono_time now) {
    using std::chrono::nanoseconds;
    const auto capacity = rate.interval * rate.burst;
    const auto full_at = std::max(bucket.full_at, now);
    const auto after = full_at + rate.interval;
    bucket_answer answer;
    answer.allowed = after - now <= capacity;
    if (answer.allowed) bucket.full_at = after;
    else answer.retry_after = after - now - capacity;
    const nanoseconds owed = bucket.full_at - now;
    answer.full_after = std::max(owed, nanoseconds{0});
    const auto left = std::max(capacity - owed, nanoseconds{0});
    answer.remaining =
        rate.interval.count() == 0
            ? rate.burst
            : static_cast<std::uint32_t>(std::min<std::int64_t>(left / rate.interval, rate.burst));
    return answer;
}

}  // namespace tallycast::domain
