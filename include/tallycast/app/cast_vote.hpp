#pragma once
// The vote itself: token, buckets, rules, then the batcher and the store. Every call is one line of
// the poll's ledger, whatever its answer.

#include <tallycast/app/caller.hpp>
#include <tallycast/app/core.hpp>
#include <tallycast/domain/ballot.hpp>

#include <boost/asio/awaitable.hpp>

#include <string>
#include <string_view>

namespace tallycast::app {

struct vote_receipt {
    std::string_view status;  // counted, changed, replayed, withdrawn
    base::poll_id poll;
    std::uint32_t round = 0;
    std::string receipt;  // the same whenever the same ballot is answered
    base::wall_time at{};
};

struct own_ballot {
    poll_ptr poll;
    domain::ballot vote;
    std::string receipt;
};

// `form` as read from the body, or why it could not be read; `key` is the idempotency key, may be
// empty. A form with the revision at which the voter saw the poll is refused with poll_changed
// where ballots mean something else since. Everything it refers to outlives the call. `limited`
// tells the limit nearest to refusing.
boost::asio::awaitable<base::result<vote_receipt>> cast_vote(core& on, base::result<caller> who,
                                                             origin from, base::poll_id poll,
                                                             base::result<domain::ballot_form> form,
                                                             std::string_view key,
                                                             limit_answer& limited);

boost::asio::awaitable<base::result<vote_receipt>> withdraw_vote(core& on, base::result<caller> who,
                                                                 origin from, base::poll_id poll,
                                                                 std::string_view key,
                                                                 limit_answer& limited);

boost::asio::awaitable<base::result<own_ballot>> my_ballot(core& on, caller who,
                                                           base::poll_id poll);

// 1 to 64 visible ASCII characters.
bool is_idempotency_key(std::string_view text);

}  // namespace tallycast::app
