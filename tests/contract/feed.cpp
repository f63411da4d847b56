// What listeners hear: definitions at once, results bounded in number, versions that never fall.

#include <contract/stores.hpp>

#include <algorithm>
#include <map>
#include <variant>

namespace tallycast::test {

namespace {

using domain::transition;
using results_ptr = std::shared_ptr<const domain::results>;
using poll_ptr = std::shared_ptr<const domain::poll>;

class feed_of_a_store : public store_contract {
protected:
    bool last_results_have(std::uint64_t voters) {
        return changes().wait_until([=](const std::vector<ports::change>& told) {
            const auto* last = std::get_if<results_ptr>(&told.back());
            return last && (*last)->tally.voters() == voters;
        });
    }
};

INSTANTIATE_TEST_SUITE_P(stores, feed_of_a_store, ::testing::ValuesIn(store_kinds()),
                         [](const auto& kind) { return kind.param.name; });

TEST_P(feed_of_a_store, Change_is_told_before_the_write_answers) {
    EXPECT_EQ(changes().of<std::shared_ptr<const domain::tenant>>().size(), 1u);
    EXPECT_EQ(changes().of<std::shared_ptr<const domain::event>>().size(), 1u);
    add(a_poll());
    ASSERT_EQ(changes().of<poll_ptr>().size(), 1u);
    EXPECT_TRUE(changes().results().empty()) << "a draft has no results";
}

TEST_P(feed_of_a_store, Change_of_status_tells_the_poll_and_then_its_results) {
    open(a_poll());
    ASSERT_TRUE(move(transition::close));
    const auto told = changes().all();
    ASSERT_GE(told.size(), 2u);
    const auto* poll = std::get_if<poll_ptr>(&told[told.size() - 2]);
    const auto* last = std::get_if<results_ptr>(&told.back());
    ASSERT_TRUE(poll && last);
    EXPECT_EQ((*poll)->status, domain::poll_status::closed);
    EXPECT_EQ((*last)->status, domain::poll_status::closed);
    EXPECT_TRUE((*last)->final);
}

TEST_P(feed_of_a_store, Burst_of_votes_is_told_a_few_times_and_the_last_state_always) {
    open(a_poll());
    clock().advance(base::milliseconds(200));
    const auto before = changes().results().size();
    for (std::uint64_t voter = 1; voter <= 50; ++voter) cast_one(a_vote(voter, 1));
    EXPECT_EQ(changes().results().size(), before + 1) << "the first at once, the others wait";
    EXPECT_EQ(changes().results().back()->tally.voters(), 1u);
    clock().advance(base::milliseconds(100));
    EXPECT_TRUE(last_results_have(50));
    EXPECT_EQ(changes().results().size(), before + 2);
}

TEST_P(feed_of_a_store, Refused_and_replayed_ballots_tell_nothing) {
    open(a_poll());
    cast_one(a_vote(1, 1));
    clock().advance(base::milliseconds(1000));
    ASSERT_TRUE(last_results_have(1));
    const auto before = changes().results().size();
    cast({a_vote(1, 1), a_vote(1, 2)});
    clock().advance(base::milliseconds(1000));
    cast_one(a_vote(1, 2));
    EXPECT_EQ(changes().results().size(), before);
}

TEST_P(feed_of_a_store, Versions_never_fall_over_steps_votes_and_rounds) {
    open(a_changeable_poll());
    const std::vector<transition> steps{transition::pause,  transition::open,  transition::close,
                                        transition::open,   transition::reset, transition::close,
                                        transition::archive};
    for (std::uint64_t voter = 1; const auto step : steps) {
        cast_one(a_vote(voter++, 1));
        clock().advance(base::milliseconds(100));
        ASSERT_TRUE(move(step));
    }
    std::uint64_t version = 0;
    std::uint32_t round = 1;
    for (const auto& r : changes().results()) {
        EXPECT_GT(r->version, version);
        EXPECT_GE(r->round, round);
        version = r->version;
        round = r->round;
    }
    EXPECT_EQ(round, 2u);
    std::uint32_t revision = 0;
    for (const auto& p : changes().of<poll_ptr>()) {
        EXPECT_GT(p->revision, revision);
        revision = p->revision;
    }
}

TEST_P(feed_of_a_store, Removal_tells_what_is_gone) {
    open(a_poll());
    ASSERT_TRUE(answer_of(polls().remove_event(the_event)));
    ASSERT_EQ(changes().of<ports::poll_removed>().size(), 1u);
    EXPECT_EQ(changes().of<ports::poll_removed>().front().event, the_event);
    ASSERT_EQ(changes().of<ports::event_removed>().size(), 1u);
    EXPECT_EQ(changes().of<ports::event_removed>().front().id, the_event);
    const auto told = changes().all();
    const auto first = std::ranges::find_if(told, [](const ports::change& c) {
        return std::holds_alternative<ports::event_removed>(c) ||
               std::holds_alternative<ports::poll_removed>(c);
    });
    EXPECT_TRUE(std::holds_alternative<ports::event_removed>(*first)) << "before its polls";
}

TEST_P(feed_of_a_store, Flag_is_told_before_the_write_answers_and_the_last_word_counts) {
    using flag_ptr = std::shared_ptr<const domain::flag>;
    const auto at = clock().wall();
    const auto set = answer_of(polls().set_flag({domain::flag_id::joins, false, at}));
    ASSERT_TRUE(set);
    EXPECT_EQ(set->value, domain::flag_value{false});
    ASSERT_EQ(changes().of<flag_ptr>().size(), 1u);
    ASSERT_TRUE(answer_of(polls().set_flag({domain::flag_id::joins, std::nullopt, at})));
    const std::string text = "Back at 21:00 \u201cperhaps\u201d, {\"a\":1}";
    ASSERT_TRUE(answer_of(polls().set_flag({domain::flag_id::maintenance_notice, text, at})));
    ASSERT_TRUE(answer_of(polls().set_flag({domain::flag_id::results_rate, 0.3, at})));
    const auto told = changes().of<flag_ptr>();
    ASSERT_EQ(told.size(), 4u);
    EXPECT_EQ(told[0]->changed_at, at);
    EXPECT_FALSE(told[1]->value);
    EXPECT_EQ(told[2]->value, domain::flag_value{text});
    EXPECT_EQ(told[3]->value, domain::flag_value{0.3});
}

TEST_P(feed_of_a_store, Last_results_are_told_at_stop) {
    open(a_poll());
    cast({a_vote(1, 1), a_vote(2, 1)});
    cast_one(a_vote(3, 1));
    store_->stop();
    EXPECT_EQ(changes().results().back()->tally.voters(), 3u);
}

}  // namespace

}  // namespace tallycast::test
