#include "token_desk.hpp"

#include "call_result.hpp"
#include "replies.hpp"
#include "slice_desk.hpp"
#include "slot.hpp"

#include <algorithm>

namespace tallycast::redis {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// All sendings together. Less than for a vote, as who has spent a block is refused meanwhile.
constexpr milliseconds patience{2000};

base::result<ports::token_loan> loan_in(const reply& answer, std::uint32_t wanted) {
    const auto granted = number_at(answer, 0);
    const auto wait = number_at(answer, 1);
    if (granted < 0 || wait < 0) return store_unavailable();
    return ports::token_loan{static_cast<std::uint32_t>(std::min<std::int64_t>(granted, wanted)),
                             base::milliseconds(wait)};
}

bool is_to_be_repeated(const call_failure& failed) {
    return failed.code == call_error::unknown && !failed.refused;
}

}  // namespace

std::string quota_key(const base::tenant_id& tenant) { return "{quota:" + tenant.str() + "}"; }

ports::answer<ports::token_loan> token_desk::lease(base::tenant_id tenant, std::uint32_t wanted,
                                                   domain::bucket_rate rate) {
    const auto key = quota_key(tenant);
    command ask{"FCALL", "tallycast1_lease", "1"};
    ask.add(key).add(rate.interval.count()).add(rate.burst).add(wanted);
    const auto until = steady_clock::now() + patience;
    for (;;) {
        const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now());
        auto work = redis_.call(slot_of(key), {ask}, left);
        const auto answers = co_await std::move(work);
        if (answers) co_return loan_in(answers->front(), wanted);
        if (!is_to_be_repeated(answers.error()) || steady_clock::now() >= until)
            co_return failure_of(answers.error());
    }
}

}  // namespace tallycast::redis
