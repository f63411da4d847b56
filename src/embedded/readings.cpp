#include "readings.hpp"

#include <algorithm>

namespace tallycast::embedded {

namespace {

struct found {
    const poll_entry& entry;
    const kept_round& round;
};

base::result<found> find(state& live, const base::poll_id& poll, std::uint32_t number) {
    const auto* entry = live.poll(poll);
    if (!entry) return base::failure(base::errc::poll_not_found, "There is no such poll.");
    const auto* round = entry->round(number);
    if (!round) return base::failure(base::errc::round_not_found, "The poll has no such round.");
    return found{*entry, *round};
}

}  // namespace

base::result<ports::kept_ballot> ballot_of(state& live, const base::poll_id& poll,
                                           base::voter_number voter) {
    const auto at = find(live, poll, 0);
    if (!at) return at.error();
    if (voter.value > max_voter_number)
        return base::failure(base::errc::not_voted, "No ballot is in the count.");
    const auto record = at->round.count.sheet().read(voter);
    if (record.vote.empty())
        return base::failure(base::errc::not_voted, "No ballot is in the count.");
    return ports::kept_ballot{voter, record.vote, record.sequence};
}

base::result<domain::results> results(state& live, const base::poll_id& poll, std::uint32_t round,
                                      base::wall_time now) {
    const auto at = find(live, poll, round);
    if (!at) return at.error();
    return results_of(at->entry, at->round, now);
}

base::result<domain::ledger> ledger(state& live, const base::poll_id& poll, std::uint32_t round) {
    const auto at = find(live, poll, round);
    if (!at) return at.error();
    return at->round.count.ledger();
}

base::result<ports::ballot_page> ballots(state& live, const base::poll_id& poll,
                                         std::uint32_t round, base::voter_number after,
                                         std::size_t limit) {
    const auto at = find(live, poll, round);
    if (!at) return at.error();
    ports::ballot_page page;
    page.definition = at->round.definition;
    const auto most = std::min(limit, max_page);
    at->round.count.sheet().walk(
        after, [&](base::voter_number voter, const domain::sheet_record& record) {
            if (record.vote.empty()) return true;
            page.more = page.ballots.size() == most;
            if (!page.more) page.ballots.push_back({voter, record.vote, record.sequence});
            return !page.more;
        });
    return page;
}

}  // namespace tallycast::embedded
