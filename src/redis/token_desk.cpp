#include "token_desk.hpp"

#include "call_result.hpp"
#include "replies.hpp"
#include "slice_desk.hpp"
#include "slot.hpp"

#include <algorithm>

namespace tallycast::redis {

namespace {

constexpr std::chrono::milliseconds patience{1000};

}  // namespace

std::string quota_key(const base::tenant_id& tenant) { return "{quota:" + tenant.str() + "}"; }

ports::answer<ports::token_loan> token_desk::lease(base::tenant_id tenant, std::uint32_t wanted,
                                                   domain::bucket_rate rate) {
    const auto key = quota_key(tenant);
    command ask{"FCALL", "tallycast1_lease", "1"};
    ask.add(key).add(rate.interval.count()).add(rate.burst).add(wanted);
    auto work = redis_.call(slot_of(key), {std::move(ask)}, patience);
    const auto answers = co_await std::move(work);
    if (!answers) co_return failure_of(answers.error());
    const auto granted = number_at(answers->front(), 0);
    const auto wait = number_at(answers->front(), 1);
    if (granted < 0 || wait < 0) co_return store_unavailable();
    co_return ports::token_loan{static_cast<std::uint32_t>(std::min<std::int64_t>(granted, wanted)),
                                base::milliseconds(wait)};
}

}  // namespace tallycast::redis
