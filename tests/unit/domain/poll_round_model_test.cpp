// Random voters, ballots, retries, changes, withdrawals and storage that fails, on random polls:
// after each step the round and the model of it agree in everything. A failure names its seed.

#include <tallycast/domain/poll_round.hpp>

#include <unit/domain/polls.hpp>
#include <unit/domain/round_model.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace tallycast::domain {
namespace {

class chance {
public:
    explicit chance(std::uint64_t seed) : random_(seed) {}
    std::uint64_t below(std::uint64_t n) { return random_() % n; }
    std::uint64_t from_to(std::uint64_t a, std::uint64_t b) { return a + below(b - a + 1); }
    bool one_in(std::uint64_t n) { return below(n) == 0; }
    std::mt19937_64& engine() { return random_; }

private:
    std::mt19937_64 random_;
};

poll_definition random_definition(chance& random) {
    constexpr std::array types{poll_type::single, poll_type::multiple, poll_type::rating,
                               poll_type::ranking};
    const auto type = types[random.below(types.size())];
    const auto most = type == poll_type::ranking ? max_ranking_options : max_options;
    auto d = a_definition(type, random.from_to(2, random.one_in(3) ? most : 5));
    d.rules.allow_change = !random.one_in(3);
    if (type == poll_type::rating)
        d.rules.scale = static_cast<std::uint8_t>(random.from_to(2, max_scale));
    if (type == poll_type::multiple || type == poll_type::ranking) {
        d.rules.max_choices = static_cast<std::uint8_t>(random.from_to(1, d.options.size()));
        d.rules.min_choices = static_cast<std::uint8_t>(random.from_to(1, d.rules.max_choices));
    }
    return accepted(d);
}

model_ballot random_ballot(chance& random, const poll_definition& d) {
    if (d.type == poll_type::rating) return {{}, random.from_to(1, *d.rules.scale)};
    model_ballot ballot;
    for (std::size_t i = 0; i < d.options.size(); ++i) ballot.options.push_back(i);
    std::shuffle(ballot.options.begin(), ballot.options.end(), random.engine());
    ballot.options.resize(random.from_to(d.rules.min_choices, d.rules.max_choices));
    if (d.type != poll_type::ranking) std::ranges::sort(ballot.options);
    return ballot;
}

ballot word_of(const poll_definition& d, const model_ballot& from) {
    if (from.rating != 0)
        return ballot_from(d, {{}, false, static_cast<std::int64_t>(from.rating)}).value();
    std::vector<std::string_view> ids;
    for (const auto option : from.options) ids.emplace_back(d.options[option].id);
    return ballot_from(d, {ids, true, {}}).value();
}

vote_request request_of(const poll_definition& d, std::uint64_t voter, const model_action& from) {
    vote_request request{.voter = {voter}, .vote = {}, .tag = 0, .revision = 1};
    if (from.ballot) request.vote = word_of(d, *from.ballot);
    if (!from.key.empty()) request.tag = tag_of_key(from.key);
    else if (from.ballot) request.tag = tag_of_ballot(request.vote);
    return request;
}

// A poll, the round under test, its model, and what can be taken back.
class Round_and_model : public testing::TestWithParam<std::uint64_t> {
protected:
    struct undoable {
        applied_vote action;
        ledger ledger_before;
        std::uint64_t version_before;
    };

    Round_and_model() : definition_(random_definition(random_)) {
        for (int i = 0; i < 5; ++i) ballots_.push_back(random_ballot(random_, definition_));
        for (int i = 0; i < 12; ++i) keys_.push_back("key " + std::to_string(i));
        voters_ = {1, 2, 3, 4, 5, 4095};
        if (random_.one_in(2))
            voters_.insert(voters_.end(), {4096, 1u << 20, std::uint64_t{1} << 40});
    }

    model_action random_action() {
        model_action action;
        if (!random_.one_in(6)) action.ballot = ballots_[random_.below(ballots_.size())];
        if (!random_.one_in(3)) action.key = keys_[random_.below(keys_.size())];
        return action;
    }

    void cast_one() {
        const auto voter = voters_[random_.below(voters_.size())];
        // A retry of something sent before is the normal case.
        const auto action = !sent_.empty() && random_.one_in(4) ? sent_[random_.below(sent_.size())]
                                                                : random_action();
        sent_.push_back(action);
        const auto ledger_before = round_.ledger();
        const auto version_before = round_.version();
        std::optional<applied_vote> applied;
        const auto got = round_.cast(request_of(definition_, voter, action), {}, applied);
        const auto want = model_.cast(voter, action);
        ++seen_[got.what];
        ASSERT_EQ(got.what, want.what);
        ASSERT_EQ(got.sequence, want.sequence);
        ASSERT_EQ(applied.has_value(), round_.version() == version_before + 1);
        if (applied) done_.push_back({*applied, ledger_before, version_before});
    }

    // Storage of the newest actions failed: they, and all that was answered since, never happened.
    void undo_some() {
        if (done_.empty()) return;
        for (auto left = random_.from_to(1, std::min<std::uint64_t>(done_.size(), 12)); left > 0;
             --left) {
            const auto last = done_.back();
            done_.pop_back();
            round_.undo(last.action);
            model_.undo(last.action.voter.value);
            round_.restore(last.ledger_before, last.version_before);
            model_.restore(last.ledger_before);
        }
    }

    void expect_records_agree() const {
        std::size_t records = 0;
        round_.sheet().walk({}, [&](base::voter_number voter, const sheet_record& record) {
            ++records;
            const auto done = model_.actions().find(voter.value);
            EXPECT_NE(done, model_.actions().end()) << "voter " << voter.value << " never acted";
            if (done != model_.actions().end()) expect_record(voter.value, record, done->second);
            return !testing::Test::HasFailure();
        });
        EXPECT_EQ(records, model_.actions().size());
    }

    void expect_record(std::uint64_t voter, const sheet_record& record,
                       const std::vector<model_action>& done) const {
        EXPECT_EQ(record.sequence, done.size());
        for (std::size_t i = 0; i < remembered_keys; ++i) {
            if (i >= done.size()) {
                EXPECT_EQ(record.recent[i], sheet_record::entry{});
                continue;
            }
            const auto sent = request_of(definition_, voter, done[done.size() - 1 - i]);
            if (i == 0) {
                EXPECT_EQ(record.vote, sent.vote);
            }
            EXPECT_EQ(record.recent[i].tag, round_.sheet().stored(sent.tag));
            EXPECT_EQ(record.recent[i].body, body_of(sent.vote));
        }
    }

    void expect_counts_agree() const {
        const auto ballots = model_.standing();
        const auto& tally = round_.tally();
        std::vector<std::uint64_t> marks(definition_.options.size());
        std::vector<std::uint64_t> ratings(definition_.rules.scale.value_or(0));
        const bool ranked = definition_.type == poll_type::ranking;
        const std::size_t width = ranked ? definition_.rules.max_choices : 0;
        std::vector<std::uint64_t> ranks(width * marks.size());
        std::uint64_t votes = 0;
        for (const auto& b : ballots) {
            votes += b.rating != 0 ? 1 : b.options.size();
            if (b.rating != 0) ++ratings[b.rating - 1];
            for (const auto option : b.options) ++marks[option];
            for (std::size_t rank = 0; ranked && rank < b.options.size(); ++rank)
                ++ranks[b.options[rank] * width + rank];
        }
        EXPECT_EQ(tally.voters(), ballots.size());
        EXPECT_EQ(tally.votes(), votes);
        EXPECT_EQ(tally.per_option(), marks);
        EXPECT_EQ(tally.ratings(), ratings);
        EXPECT_EQ(tally.ranks(), ranks);
    }

    void expect_agreement() const {
        expect_records_agree();
        expect_counts_agree();
        EXPECT_EQ(round_.recount(), round_.tally());
        EXPECT_EQ(round_.ledger(), model_.ledger());
        EXPECT_TRUE(balances(round_.ledger()));
        EXPECT_EQ(voters(round_.ledger()), round_.tally().voters());
        EXPECT_EQ(round_.version(), done_.size());
    }

    // What a restart does with the log.
    void expect_the_log_gives_the_same_round() const {
        poll_round again(definition_, round_.number(), 0);
        for (const auto& each : done_)
            again.apply_again({each.action.voter, {}, each.action.vote, each.action.tag});
        EXPECT_EQ(again.tally(), round_.tally());
        EXPECT_EQ(again.recount(), round_.tally());
        EXPECT_EQ(again.version(), round_.version());
        for (const auto voter : voters_)
            EXPECT_EQ(again.sheet().read({voter}), round_.sheet().read({voter})) << voter;
    }

    chance random_{GetParam()};
    poll_definition definition_;
    poll_round round_{definition_, 1, 0};
    round_model model_{definition_};
    std::vector<std::uint64_t> voters_;
    std::vector<model_ballot> ballots_;
    std::vector<std::string> keys_;
    std::vector<model_action> sent_;
    std::vector<undoable> done_;
    std::map<verdict, int> seen_;
};

TEST_P(Round_and_model, Agree_after_every_step) {
    SCOPED_TRACE(std::string(name(definition_.type)) +
                 (definition_.rules.allow_change ? ", changeable" : "") + ", seed " +
                 std::to_string(GetParam()));
    for (int step = 0; step < 250; ++step) {
        SCOPED_TRACE("step " + std::to_string(step));
        if (random_.one_in(20)) undo_some();
        else cast_one();
        expect_agreement();
        if (HasFailure()) return;
    }
    expect_the_log_gives_the_same_round();
    undo_some();
    expect_agreement();
    expect_the_log_gives_the_same_round();
}

// A walk that never met some verdict would have proved nothing of it.
class Round_and_model_together : public Round_and_model {};

TEST_P(Round_and_model_together, Meet_every_verdict) {
    for (int step = 0; step < 4000; ++step) cast_one();
    expect_agreement();
    const auto fixed = !definition_.rules.allow_change;
    const auto never_met = [&](verdict what) { return seen_[what] == 0; };
    EXPECT_FALSE(never_met(verdict::counted));
    EXPECT_FALSE(never_met(verdict::replayed));
    EXPECT_FALSE(never_met(verdict::key_reused));
    EXPECT_FALSE(never_met(fixed ? verdict::already_voted : verdict::changed));
    EXPECT_FALSE(never_met(fixed ? verdict::change_not_allowed : verdict::withdrawn));
    EXPECT_FALSE(!fixed && never_met(verdict::not_voted));
}

INSTANTIATE_TEST_SUITE_P(Seeds, Round_and_model, testing::Range<std::uint64_t>(1, 61));
INSTANTIATE_TEST_SUITE_P(Seeds, Round_and_model_together,
                         testing::Range<std::uint64_t>(1001, 1013));

}  // namespace
}  // namespace tallycast::domain
