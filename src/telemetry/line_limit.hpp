#pragma once
// Keeps a message that repeats itself from filling the log: of each message a burst, then a few a
// second. What is held back is told with the next line of the same message. Messages are the
// program's own sentences, so they are few; past most_messages all others share one allowance. Not
// synchronised.

#include <tallycast/domain/token_bucket.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tallycast::telemetry {

class line_limit {
public:
    static constexpr std::uint32_t burst = 20;
    static constexpr double per_second = 5;
    static constexpr std::size_t most_messages = 256;

    // How many lines of this message were held back since the last one; nothing when this is one
    // more.
    std::optional<std::uint64_t> admit(std::string_view message, base::mono_time now) {
        static const auto rate = domain::bucket_rate::of(per_second, burst);
        auto& of = entry_of(message);
        if (domain::take(of.bucket, rate, now).allowed) return std::exchange(of.held_back, 0);
        ++of.held_back;
        return std::nullopt;
    }

private:
    struct entry {
        domain::token_bucket bucket;
        std::uint64_t held_back = 0;
    };

    entry& entry_of(std::string_view message) {
        const auto known = entries_.find(message);
        if (known != entries_.end()) return known->second;
        return entries_.size() < most_messages ? entries_[std::string(message)] : others_;
    }

    std::map<std::string, entry, std::less<>> entries_;
    entry others_;
};

}  // namespace tallycast::telemetry
