#pragma once
// A token bucket kept as one instant (GCRA, the generic cell rate algorithm): the bucket is full
// when that instant is past, and each request moves it forward by one emission interval. Pure; time
// is passed in.

#include <tallycast/base/time.hpp>

#include <chrono>
#include <cstdint>

namespace tallycast::domain {

struct bucket_rate {
    std::chrono::nanoseconds interval{0};  // between two requests at the steady rate
    std::uint32_t burst = 0;               // requests a full bucket allows at once

    // per_second > 0, burst ≥ 1.
    static bucket_rate of(double per_second, std::uint32_t burst);
};

struct token_bucket {
    base::mono_time full_at{};  // the theoretical arrival time
};

struct bucket_answer {
    bool allowed = false;
    std::uint32_t remaining = 0;              // whole requests left
    std::chrono::nanoseconds retry_after{0};  // 0 when allowed, otherwise > 0
    std::chrono::nanoseconds full_after{0};   // until the bucket is full again
};

// Takes one token if there is one; a refused request takes nothing. A time before an earlier one
// (which a monotonic clock never gives) is harmless: nothing is gained by it.
bucket_answer take(token_bucket& bucket, const bucket_rate& rate, base::mono_time now);

}  // namespace tallycast::domain
