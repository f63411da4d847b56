#include "ballot_desk.hpp"

#include "sheet_form.hpp"
#include "side_by_side.hpp"
#include "slice_desk.hpp"
#include "vote_pack.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace tallycast::redis {

namespace asio = boost::asio;

namespace {

constexpr std::size_t most_votes = 256;
constexpr std::uint64_t most_voters = std::uint64_t{1} << 32;  // an index has 32 bits
constexpr int most_sendings = 5;
constexpr std::chrono::milliseconds patience{2500};  // of a group, all sendings together
constexpr std::size_t groups_at_once = 64;           // when they are applied again

command again_call(const acknowledged_group& group) {
    command again{"FCALL", "tallycast1_again_where_placed", "4"};
    again.add(group.keys.meta).add(group.keys.counts).add(group.keys.sheet).add(group.keys.log);
    again.add(group.form.bits).add(group.form.bytes).add(group.form.change ? "1" : "0");
    again.add(group.form.ranks).add(std::string_view(&group.form.type, 1));
    again.add(group.at.time_since_epoch().count()).add(group.actions);
    return again;
}

bool moved(domain::verdict what) {
    return what == domain::verdict::counted || what == domain::verdict::changed ||
           what == domain::verdict::withdrawn;
}

}  // namespace

// What becomes of it stands in `decided` or `failed`.
struct ballot_desk::part {
    std::uint16_t slice = 0;
    std::uint16_t slices = 1;
    std::vector<domain::vote_request> votes;
    std::vector<std::size_t> places;  // of each in the group
    base::poll_id poll;
    std::uint32_t round = 0;
    sheet_form form;
    std::uint32_t revision = 0;  // of all votes, where records are numbers
    std::uint32_t at_least = 0;  // revision of the slice; what is older there is not asked
    base::mono_time until{};
    std::vector<domain::decision> decided;
    base::failure failed = store_unavailable();
    bool answered = false;
};

ballot_desk::ballot_desk(asio::any_io_executor executor, house_line& house, known_polls& polls,
                         ports::meter& meter, ports::log& log)
    : executor_(std::move(executor)), house_(house), polls_(polls), meter_(meter), log_(log) {}

void ballot_desk::use(client& redis, const ballot_rules& rules) {
    redis_ = &redis;
    rules_ = rules;
}

asio::awaitable<base::result<std::vector<domain::decision>>> ballot_desk::cast(
    ports::vote_group group) {
    if (group.votes.size() > most_votes)
        co_return base::failure(base::errc::invalid_request, "Too many ballots in a group.");
    std::vector<domain::decision> decisions(group.votes.size());  // not_found until decided
    auto work = polls_.find(group.poll);
    const auto poll = co_await std::move(work);
    if (!poll && poll.error().code != base::errc::poll_not_found) co_return poll.error();
    if (!poll) co_return decisions;
    const auto all = dealt(group, **poll);
    auto casting = cast_all(*poll, all);
    co_await std::move(casting);
    for (const auto& one : all) {
        if (!one->answered) co_return one->failed;
        for (std::size_t i = 0; i < one->decided.size(); ++i)
            decisions[one->places[i]] = one->decided[i];
    }
    co_return decisions;
}

ballot_desk::parts ballot_desk::dealt(const ports::vote_group& group, const domain::poll& poll) {
    std::map<std::pair<std::uint16_t, std::uint32_t>, std::shared_ptr<part>> by_slice;
    const auto form = form_of(poll.definition);
    const auto until = std::chrono::steady_clock::now() + patience;
    for (std::size_t i = 0; i < group.votes.size(); ++i) {
        const auto& vote = group.votes[i];
        if (vote.voter.value == 0 || vote.voter.value >= most_voters) continue;
        const std::uint32_t revision = form.is_number() ? vote.revision : 0;
        auto& mine = by_slice[{domain::slice_of(vote.voter, poll.slices), revision}];
        if (!mine) mine = std::make_shared<part>();
        mine->votes.push_back(vote);
        mine->places.push_back(i);
    }
    parts all;
    for (auto& [of, mine] : by_slice) {
        std::tie(mine->slice, mine->revision) = of;
        mine->form = form;
        mine->slices = poll.slices;
        mine->poll = poll.id;
        mine->round = poll.round;
        mine->at_least = poll.revision;
        mine->until = until;
        all.push_back(std::move(mine));
    }
    return all;
}

// Side by side; a group of the batcher is of one slice, and then there is nothing to wait for else.
asio::awaitable<void> ballot_desk::cast_all(poll_ptr poll, const parts& all) {
    if (all.size() == 1) {
        auto work = cast_part(poll, all.front());
        co_return co_await std::move(work);
    }
    std::vector<asio::awaitable<void>> casting;
    for (const auto& mine : all) casting.push_back(cast_part(poll, mine));
    auto work = side_by_side(executor_, std::move(casting));
    co_await std::move(work);
}

// A sending whose outcome is unknown is repeated: what was counted by it is answered as replayed.
asio::awaitable<void> ballot_desk::cast_part(poll_ptr poll, std::shared_ptr<part> votes) {
    for (int sending = 0; sending < most_sendings && !votes->answered; ++sending) {
        if (std::chrono::steady_clock::now() >= votes->until) break;
        auto work = send_once(poll, *votes);
        const bool finished = co_await std::move(work);
        if (finished) break;
    }
    meter_.add(ports::count::store_groups);
}

pipeline ballot_desk::call_of(const part& votes) {
    const auto keys = keys_of(votes.poll, votes.slices, votes.slice, votes.round);
    const bool short_form = votes.form.is_number();
    std::string packed;
    for (const auto& vote : votes.votes) {
        if (short_form) append_short_vote(packed, vote, votes.form, votes.slices);
        else append_vote(packed, vote, votes.slices);
    }
    // All of a group came at one time to one node, so that one pace goes for them.
    const auto& pace = votes.votes.front().pace;
    const bool paced = votes.form.change && pace.between.count() > 0;
    command cast{"FCALL", paced ? "tallycast1_cast_paced" : "tallycast1_cast", "4"};
    cast.add(keys.meta).add(keys.counts).add(keys.sheet).add(keys.log);
    cast.add(votes.round).add(packed);
    if (short_form) cast.add(votes.revision).add(votes.form.bits).add(votes.form.bytes);
    else cast.add("").add("").add("");
    cast.add(votes.at_least);
    if (paced) cast.add(pace.at_will).add(pace.between.count());
    return {std::move(cast)};
}

asio::awaitable<bool> ballot_desk::send_once(poll_ptr poll, part& votes) {
    const auto at = keys_of(votes.poll, votes.slices, votes.slice, votes.round).at;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(
        votes.until - std::chrono::steady_clock::now());
    auto work = redis_->write(at, call_of(votes), left, rules_.kept_by, rules_.position);
    auto done = co_await std::move(work);
    if (!done) {
        votes.failed = failure_of(done.error());
        if (done.error().code != call_error::stopped)
            say("votes are not answered", done.error().detail);
        co_return done.error().refused || done.error().code != call_error::unknown;
    }
    const auto& answer = done->got.front();
    if (answer.is_error()) {
        say("votes are refused", answer.text);
        co_return true;
    }
    auto said = cast_answer_in(answer);
    if (!said) co_return true;
    if (std::holds_alternative<nothing_placed>(*said)) {
        auto placing = place_first(poll->id, votes);
        co_return co_await std::move(placing);
    }
    if (const auto* other = std::get_if<other_round>(&*said)) {
        votes.round = other->round;
        co_return false;
    }
    auto settling = settle(poll, votes, std::move(std::get<cast_reply>(*said)), *done);
    co_return co_await std::move(settling);
}

// A poll that turns out to be gone has been decided: there is none.
asio::awaitable<bool> ballot_desk::place_first(const base::poll_id& poll, part& votes) {
    auto work = house_.place_again(poll);
    const auto placed = co_await std::move(work);
    votes.at_least = 0;  // it is as the catalog says, whatever was known of it here
    if (placed) co_return false;
    votes.failed = placed.error();
    votes.answered = placed.error().code == base::errc::poll_not_found;
    if (votes.answered) votes.decided.resize(votes.votes.size());
    co_return true;
}

asio::awaitable<bool> ballot_desk::settle(poll_ptr poll, part& votes, cast_reply reply,
                                          const written& as) {
    if (reply.decisions.size() != votes.votes.size()) co_return true;
    for (auto& d : reply.decisions) d.round = votes.round;
    remember(*poll, votes, reply, as);  // before anything is waited for: a primary may go any time
    if (reply.flush_in) house_.flush_in(*reply.flush_in, votes.poll, votes.slice);
    if (reply.revision < poll->revision) house_.slice_is_behind(votes.poll);
    if (reply.published) {
        auto telling = house_.heard(std::move(*reply.published));
        co_await std::move(telling);
    }
    if (!as.kept) {
        votes.failed.detail = "The ballot has not reached a replica; send it again.";
        say("votes are refused", "no replica has what the primary counted");
        co_return true;
    }
    const auto is_stale = [](const auto& d) { return d.what == domain::verdict::stale; };
    if (std::ranges::any_of(reply.decisions, is_stale)) {
        // Nothing newer is there: the ballots are held, and whoever holds them may be gone.
        if (reply.revision <= poll->revision) house_.slice_is_behind(votes.poll);
        auto work = house_.catch_up();
        const auto fresh = co_await std::move(work);
        if (!fresh) co_return true;
    }
    votes.decided = std::move(reply.decisions);
    votes.answered = true;
    co_return true;
}

// Once a second at most: every group says it.
void ballot_desk::say(std::string_view what, std::string_view why) {
    meter_.add(ports::count::store_failures);
    const auto now = std::chrono::steady_clock::now();
    if (now - last_said_ < std::chrono::seconds(1)) return;
    last_said_ = now;
    log_.write(ports::severity::error, what, {{"why", why}});
}

void ballot_desk::remember(const domain::poll& poll, const part& votes, const cast_reply& reply,
                           const written& as) {
    if (!rules_.again) return;
    acknowledged_group group;
    for (std::size_t i = 0; i < votes.votes.size(); ++i)
        if (moved(reply.decisions[i].what))
            append_action(group.actions, votes.votes[i], reply.decisions[i].sequence, votes.slices);
    if (group.actions.empty()) return;
    group.poll = votes.poll;
    group.keys = keys_of(votes.poll, votes.slices, votes.slice, votes.round);
    group.form = form_of(poll.definition);
    group.at = reply.at;
    group.replid = as.replid;
    group.offset = as.offset;
    acknowledged_.keep(std::move(group), std::chrono::steady_clock::now());
}

void ballot_desk::still_there(const primary& who) {
    acknowledged_.heard_of(who.replid, std::chrono::steady_clock::now());
}

struct ballot_desk::greeting {
    primary who;
    say_function say;
    std::uint64_t applied = 0;
    std::vector<acknowledged_group> unplaced;  // there is nothing of their polls
};

asio::awaitable<bool> ballot_desk::greet(const primary& who, say_function say) {
    if (met_.is_another(who)) house_.primary_replaced();
    auto missing = acknowledged_.missing_at(who);
    if (missing.empty()) co_return true;
    const auto groups = missing.size();
    greeting under_way{who, std::move(say)};
    auto giving = give(under_way, std::move(missing));
    bool done = co_await std::move(giving);
    if (done && !under_way.unplaced.empty()) {
        auto placing = place_missing(under_way);
        done = co_await std::move(placing);
    }
    if (done && !under_way.unplaced.empty()) {
        auto giving_rest = give(under_way, std::exchange(under_way.unplaced, {}));
        done = co_await std::move(giving_rest);
    }
    done = done && under_way.unplaced.empty();
    meter_.add(ports::count::store_applied_again, under_way.applied);
    log_.write(
        ports::severity::warn, "a primary was greeted with what was acknowledged",
        {{"groups", std::to_string(groups)}, {"applied_again", std::to_string(under_way.applied)}});
    co_return done;
}

asio::awaitable<bool> ballot_desk::give(greeting& under_way,
                                        std::vector<acknowledged_group> missing) {
    for (std::size_t from = 0; from < missing.size(); from += groups_at_once) {
        pipeline calls;
        const auto end = std::min(from + groups_at_once, missing.size());
        for (std::size_t i = from; i < end; ++i) calls.push_back(again_call(missing[i]));
        calls.push_back(command{"ROLE"});
        auto work = under_way.say(std::move(calls));
        const auto answers = co_await std::move(work);
        if (!answers || answers->size() != end - from + 1) co_return false;
        for (std::size_t i = from; i < end; ++i) {
            const auto& answer = (*answers)[i - from];
            if (answer.is_error()) co_return false;
            if (number_at(answer, 0) != 0) {
                under_way.unplaced.push_back(std::move(missing[i]));
                continue;
            }
            under_way.applied += static_cast<std::uint64_t>(number_at(answer, 1, 0));
            acknowledged_.held(missing[i].serial, under_way.who.replid,
                               number_at(answers->back(), 1, 0));
        }
    }
    co_return true;
}

// A server that took over may have nothing of a poll that was placed a moment ago; or the poll was
// removed. What is left in `unplaced` is to be given again. False: it cannot be told which.
asio::awaitable<bool> ballot_desk::place_missing(greeting& under_way) {
    std::map<base::poll_id, bool> there;
    for (const auto& group : under_way.unplaced) there[group.poll] = false;
    for (auto& [poll, is_there] : there) {
        auto work = house_.place_again(poll);
        const auto placed = co_await std::move(work);
        if (!placed && placed.error().code != base::errc::poll_not_found) co_return false;
        is_there = placed.has_value();
    }
    std::erase_if(under_way.unplaced, [&](const auto& group) {
        if (!there[group.poll]) acknowledged_.forget(group.serial);
        return !there[group.poll];
    });
    co_return true;
}

}  // namespace tallycast::redis
