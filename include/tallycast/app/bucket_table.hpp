#pragma once
// Token buckets by whom they belong to, in a table of a fixed size: an attacker with a million
// addresses pushes out other strangers' buckets (who then start with a full one), but never grows
// anything. One thread.

#include <tallycast/domain/token_bucket.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tallycast::app {

// What is kept of each, by a 64-bit hash of whom it belongs to. Value has a member `bucket`. The
// capacity is rounded up to a power of two.
template <class Value>
class bucket_slots {
public:
    explicit bucket_slots(std::size_t capacity) : slots_(std::bit_ceil(std::max(capacity, ways))) {}

    // The one there is, or null. Good until the next call of at().
    Value* find(std::uint64_t key) {
        key = stored(key);
        const auto set = set_of(key);
        const auto at = std::ranges::find(set, key, &slot::key);
        return at == set.end() ? nullptr : &at->value;
    }
    // The same, or a new one in the place of the fullest bucket, which has least to lose.
    Value& at(std::uint64_t key) {
        if (auto* known = find(key)) return *known;
        key = stored(key);
        const auto fullest = std::ranges::min_element(
            set_of(key), {}, [](const slot& s) { return s.value.bucket.full_at; });
        *fullest = {key, {}};
        return fullest->value;
    }
    std::size_t capacity() const noexcept { return slots_.size(); }

private:
    static constexpr std::size_t ways = 8;
    struct slot {
        std::uint64_t key = 0;  // 0: never used
        Value value;
    };
    static std::uint64_t stored(std::uint64_t key) { return key == 0 ? 1 : key; }
    std::span<slot> set_of(std::uint64_t key) {
        return {&slots_[key % (slots_.size() / ways) * ways], ways};
    }

    std::vector<slot> slots_;
};

class bucket_table {
public:
    bucket_table(domain::bucket_rate rate, std::size_t capacity) : rate_(rate), slots_(capacity) {}

    domain::bucket_answer take(std::uint64_t key, base::mono_time now) {
        return domain::take(slots_.at(key).bucket, rate_, now);
    }
    const domain::bucket_rate& rate() const noexcept { return rate_; }
    void set_rate(domain::bucket_rate rate) { rate_ = rate; }
    std::size_t capacity() const noexcept { return slots_.capacity(); }

private:
    struct kept {
        domain::token_bucket bucket;
    };
    domain::bucket_rate rate_;
    bucket_slots<kept> slots_;
};

}  // namespace tallycast::app
