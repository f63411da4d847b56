// The app on the embedded store: how votes travel in groups, and what a change of the poll does to
// them.

#include <support/forwarding_votes.hpp>
#include <support/store_fixture.hpp>

#include <tallycast/app/cast_vote.hpp>
#include <tallycast/app/join_event.hpp>
#include <tallycast/app/manage.hpp>
#include <tallycast/embedded/store.hpp>

#include <boost/asio/post.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace tallycast::test {
namespace {

namespace asio = boost::asio;
using base::errc;
using ports::count;

// A store whose calls cost as much as it is told, and that knows how large the largest group was.
class dear_votes final : public forwarding_votes {
public:
    using forwarding_votes::forwarding_votes;

    asio::awaitable<base::result<std::vector<domain::decision>>> cast(
        ports::vote_group group) override {
        largest = std::max(largest, group.votes.size());
        if (answers_itself) return counted_at_once(group.votes.size());
        return forwarding_votes::cast(std::move(group));
    }
    std::size_t worth_a_call() const noexcept override { return worth; }

    std::size_t worth = 1;
    bool answers_itself = false;  // at once, so that nothing arrives meanwhile
    std::size_t largest = 0;

private:
    static asio::awaitable<base::result<std::vector<domain::decision>>> counted_at_once(
        std::size_t votes) {
        domain::decision counted;
        counted.what = domain::verdict::counted;
        co_return std::vector<domain::decision>(votes, counted);
    }
};

// The feed as the server carries it: onto the core's thread.
class onto_core final : public ports::change_listener {
public:
    onto_core(asio::io_context& io, app::core& core) : io_(io), core_(core) {}
    void on_change(const ports::change& what) override {
        asio::post(io_, [this, what] { core_.catalog.apply(what); });
    }

private:
    asio::io_context& io_;
    app::core& core_;
};

class Vote_path : public ::testing::Test {
protected:
    void SetUp() override { start(65'536); }
    void TearDown() override {
        if (store_) store_->stop();
    }

    void start(std::size_t queue_limit) {
        if (store_) store_->stop();
        auto opened = embedded::store::open({.data_dir = ":memory:"}, clock_, meter_, log_);
        ASSERT_TRUE(opened);
        store_ = std::move(*opened);
        app::core_settings settings;
        settings.token_keys = {{"k", std::string(32, 'k')}};
        settings.receipt_key = "receipts";
        settings.limits.on = false;
        settings.vote_queue_limit = queue_limit;
        votes_ = std::make_unique<dear_votes>(*store_);
        core_ =
            std::make_unique<app::core>(io_.get_executor(), settings,
                                        app::outside_world{*votes_, *store_, clock_, meter_, log_});
        feed_ = std::make_unique<onto_core>(io_, *core_);
        store_->start(*feed_);
        ASSERT_TRUE(run(store_->add_tenant(a_tenant())));
        ASSERT_TRUE(run(store_->add_event(an_event())));
        ASSERT_TRUE(run(store_->add_poll(a_poll())));
        ASSERT_TRUE(run(store_->move_poll(poll_, domain::transition::open, {})));
    }

    // Runs one call to its end on the core's own loop.
    template <class T>
    T run(asio::awaitable<T> work) {
        std::optional<T> answer;
        asio::co_spawn(io_, keep_answer(std::move(work), answer), rethrow);
        run_until([&] { return answer.has_value(); });
        return std::move(*answer);
    }

    void run_until(const std::function<bool()>& done) {
        io_.restart();
        const auto guard = asio::make_work_guard(io_);
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (!done() && std::chrono::steady_clock::now() < deadline)
            io_.run_one_for(std::chrono::milliseconds(50));
        ASSERT_TRUE(done());
    }

    static void rethrow(std::exception_ptr thrown) {
        if (thrown) std::rethrow_exception(thrown);
    }

    using voted = base::result<domain::decision>;

    asio::awaitable<void> cast_and_keep(domain::vote_request vote, std::vector<voted>& into,
                                        std::uint16_t slices) {
        const app::lane_id lane{poll_, domain::slice_of(vote.voter, slices)};
        auto work = core_->batcher.cast(lane, vote);
        auto decided = co_await std::move(work);
        into.push_back(std::move(decided));
    }

    std::vector<voted> cast_at_once(std::uint64_t voters, std::uint16_t slices = 1) {
        std::vector<voted> answers;
        for (std::uint64_t voter = 1; voter <= voters; ++voter)
            asio::co_spawn(io_, cast_and_keep(a_vote(voter, 1 + voter % 3), answers, slices),
                           rethrow);
        run_until([&] { return answers.size() == voters; });
        return answers;
    }

    static constexpr std::size_t a_few = 10;

    // A few at a time, and only so many ahead of the answers, until that time is over or `enough`.
    // Returns how many votes there were, when all are answered.
    std::uint64_t cast_a_few_a_turn(
        std::uint16_t slices, std::chrono::milliseconds time,
        const std::function<bool()>& enough = [] { return false; }) {
        const auto end = std::chrono::steady_clock::now() + time;
        std::vector<voted> answers;
        std::uint64_t next = 1;
        while (std::chrono::steady_clock::now() < end && !enough()) {
            for (std::size_t i = 0; i < a_few; ++i, ++next)
                asio::co_spawn(io_, cast_and_keep(a_vote(next, 1 + next % 3), answers, slices),
                               rethrow);
            io_.restart();
            io_.poll();
            run_until([&] { return answers.size() + 200 >= next; });
        }
        run_until([&] { return answers.size() == next - 1; });
        return next - 1;
    }

    app::limit_answer limited_;
    fake_clock clock_;
    counting_meter meter_;
    quiet_log log_;
    asio::io_context io_{1};
    base::poll_id poll_{"poll"};
    std::unique_ptr<embedded::store> store_;
    std::unique_ptr<dear_votes> votes_;
    std::unique_ptr<app::core> core_;
    std::unique_ptr<onto_core> feed_;
};

TEST_F(Vote_path, Thousand_votes_of_one_turn_travel_in_a_handful_of_groups_and_all_count) {
    const auto before = meter_.of(count::store_groups);
    for (const auto& answer : cast_at_once(1000)) {
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->what, domain::verdict::counted);
    }
    const auto groups = meter_.of(count::store_groups) - before;
    EXPECT_GE(groups, 4u);  // none holds more than 256
    EXPECT_LE(groups, 10u);
    EXPECT_EQ(core_->batcher.waiting(), 0u);
    EXPECT_EQ(run(store_->results(poll_, 0))->tally.voters(), 1000u);
}

TEST_F(Vote_path, Lone_vote_waits_for_nobody) {
    const auto before = meter_.of(count::store_groups);
    EXPECT_TRUE(cast_at_once(1).front());
    EXPECT_EQ(meter_.of(count::store_groups) - before, 1u);
}

TEST_F(Vote_path, Lone_vote_waits_for_nobody_where_calls_are_dear_either) {
    votes_->worth = 48;
    const auto before = meter_.of(count::store_groups);
    EXPECT_TRUE(cast_at_once(1, 16).front());
    EXPECT_EQ(meter_.of(count::store_groups) - before, 1u);
}

// However many are held, and whatever comes after them.
TEST_F(Vote_path, Votes_that_are_held_are_all_answered_at_any_pace) {
    votes_->worth = 32;
    const auto cast = cast_a_few_a_turn(7, std::chrono::milliseconds(150));
    EXPECT_EQ(core_->batcher.waiting(), 0u);
    EXPECT_EQ(run(store_->results(poll_, 0))->tally.voters(), cast);
}

TEST_F(Vote_path, Groups_are_worth_a_call_where_calls_are_dear) {
    votes_->answers_itself = true;
    votes_->worth = 100;
    cast_a_few_a_turn(1, patience, [&] { return votes_->largest >= 100; });
    EXPECT_GE(votes_->largest, 100u);
}

TEST_F(Vote_path, Nothing_is_held_where_calls_are_cheap) {
    votes_->answers_itself = true;
    cast_a_few_a_turn(1, std::chrono::milliseconds(150));
    EXPECT_EQ(votes_->largest, a_few);
}

TEST_F(Vote_path, Full_queue_refuses_at_once_and_loses_none_it_took) {
    start(100);
    std::uint64_t counted = 0, refused = 0;
    for (const auto& answer : cast_at_once(300)) {
        if (answer) {
            ++counted;
        } else {
            ++refused;
            EXPECT_EQ(answer.error().code, errc::overloaded);
            EXPECT_TRUE(answer.error().retry_after);
        }
    }
    EXPECT_EQ(counted, 100u);
    EXPECT_EQ(refused, 200u);
    EXPECT_EQ(run(store_->results(poll_, 0))->tally.voters(), counted);
}

TEST_F(Vote_path, Ballot_read_under_an_older_definition_is_read_again) {
    const auto joined = run(app::join_event(*core_, {}, {}, "acd-fgh", limited_));
    ASSERT_TRUE(joined);
    const base::result<app::caller> who =
        app::voter_caller{joined->event->id, joined->number, joined->expires};
    // The core has not heard of the change yet when the vote sets out: only the store knows.
    ports::poll_patch patch;
    patch.options = {{"b", "Red"}, {"a", "Blue"}};
    ASSERT_TRUE(answer_of(store_->change_poll(poll_, patch)));
    const std::string_view choice = "a";
    const domain::ballot_form form{{&choice, 1}, true, {}};
    const auto receipt = run(app::cast_vote(*core_, who, {}, poll_, form, {}, limited_));
    ASSERT_TRUE(receipt);
    const auto results = run(store_->results(poll_, 0));
    EXPECT_EQ(results->definition.options[1].id, "a");
    EXPECT_EQ(results->tally.per_option()[1], 1u);
    EXPECT_EQ(results->tally.per_option()[0], 0u);
}

TEST_F(Vote_path, Store_that_stopped_counts_nothing_and_says_so) {
    store_->stop();
    for (const auto& answer : cast_at_once(3)) {
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().code, errc::shutting_down);
    }
    EXPECT_EQ(core_->batcher.waiting(), 0u);
}

}  // namespace
}  // namespace tallycast::test
