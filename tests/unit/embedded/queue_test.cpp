// The way into the store and back: bounded, in order, home to where the call came from.

#include <support/store_fixture_folder.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/this_coro.hpp>

#include <atomic>
#include <latch>
#include <thread>

namespace tallycast::test {

namespace {

namespace asio = boost::asio;
using base::errc;

class Queue_of_a_store : public embedded_on_disk {};

using answers = std::vector<base::result<std::vector<domain::decision>>>;

asio::awaitable<void> cast_and_keep(embedded::store& store, domain::vote_request vote,
                                    answers& into) {
    ports::vote_group group{base::poll_id("poll"), {vote}};
    auto answer = co_await store.cast(std::move(group));
    into.push_back(std::move(answer));
}

TEST_F(Queue_of_a_store, Full_queue_refuses_at_once_and_keeps_what_it_has) {
    auto opened =
        embedded::store::open({.data_dir = ":memory:", .queue_limit = 3}, clock_, meter_, log_);
    ASSERT_TRUE(opened);
    store_ = std::move(*opened);
    asio::io_context io;
    answers given;
    for (std::uint64_t voter = 1; voter <= 5; ++voter)
        asio::co_spawn(io, cast_and_keep(*store_, a_vote(voter, 1), given),
                       [](std::exception_ptr) {});
    ASSERT_TRUE(eventually([&] {
        io.poll();
        return given.size() == 2;
    }));
    for (const auto& refused : given) {
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, errc::overloaded);
        EXPECT_TRUE(refused.error().retry_after);
    }
    EXPECT_EQ(meter_.of(ports::gauge::store_queue), 3);
    store_->start(changes_);
    io.run();
    EXPECT_EQ(given.size(), 5u);
    EXPECT_TRUE(given.back());
    EXPECT_EQ(meter_.of(ports::gauge::store_queue), 0);
}

// Holds the store's thread for as long as a test wants, as a disk that hangs would.
class holding_listener final : public ports::change_listener {
public:
    void on_change(const ports::change&) override {
        if (!holds_) return;
        held_.count_down();
        let_go_.wait();
    }
    std::atomic<bool> holds_{false};
    std::latch held_{1};
    std::latch let_go_{1};
};

TEST_F(Queue_of_a_store, Thread_that_is_stuck_is_not_ready_until_it_goes_on) {
    auto opened = try_to_open(":memory:");
    ASSERT_TRUE(opened);
    store_ = std::move(*opened);
    holding_listener listener;
    store_->start(listener);
    EXPECT_TRUE(store_->ready());
    listener.holds_ = true;
    std::thread caller([&] { EXPECT_TRUE(answer_of(store_->add_tenant(a_tenant()))); });
    listener.held_.wait();
    EXPECT_TRUE(store_->ready());
    clock_.advance(std::chrono::seconds(3));
    EXPECT_FALSE(store_->ready());
    listener.holds_ = false;
    listener.let_go_.count_down();
    caller.join();
    EXPECT_TRUE(eventually([&] { return store_->ready(); }));
    store_->stop();
}

TEST_F(Queue_of_a_store, Store_never_started_answers_at_stop) {
    auto opened = try_to_open(":memory:");
    ASSERT_TRUE(opened);
    store_ = std::move(*opened);
    asio::io_context io;
    answers given;
    asio::co_spawn(io, cast_and_keep(*store_, a_vote(1, 1), given), [](std::exception_ptr) {});
    io.poll();
    store_->stop();
    io.run();
    ASSERT_EQ(given.size(), 1u);
    EXPECT_EQ(given[0].error().code, errc::shutting_down);
}

TEST_F(Queue_of_a_store, Stop_answers_everything_that_was_queued) {
    open_with_poll();
    asio::io_context io;
    answers given;
    for (std::uint64_t voter = 1; voter <= 200; ++voter)
        asio::co_spawn(io, cast_and_keep(*store_, a_vote(voter, 1), given),
                       [](std::exception_ptr) {});
    io.poll();
    store_->stop();
    io.run();
    ASSERT_EQ(given.size(), 200u);
    for (const auto& answer : given) EXPECT_TRUE(answer);
    EXPECT_FALSE(store_->ready());
    close();
    open();
    EXPECT_EQ(results().tally.voters(), 200u);
}

asio::awaitable<void> cast_and_check_the_thread(embedded::store& store, std::uint64_t voter,
                                                int& at_home) {
    const auto here = std::this_thread::get_id();
    for (int i = 0; i < 20; ++i) {
        ports::vote_group group{base::poll_id("poll"), {a_vote(voter, 1)}};
        co_await store.cast(std::move(group));
        at_home += std::this_thread::get_id() == here;
    }
}

TEST_F(Queue_of_a_store, Answers_resume_on_the_executor_of_the_call) {
    open_with_poll();
    std::array<int, 3> at_home{};
    std::vector<std::thread> cores;
    for (std::size_t core = 0; core < at_home.size(); ++core)
        cores.emplace_back([&, core] {
            asio::io_context io(1);
            for (std::uint64_t i = 0; i < 5; ++i)
                asio::co_spawn(io,
                               cast_and_check_the_thread(*store_, 1 + core * 5 + i, at_home[core]),
                               [](std::exception_ptr) {});
            io.run();
        });
    for (auto& core : cores) core.join();
    EXPECT_EQ(at_home, (std::array<int, 3>{100, 100, 100}));
}

TEST_F(Queue_of_a_store, What_waits_together_is_written_together) {
    open_with_poll();
    close();
    store_ = try_to_open(folder_.path()).value();
    asio::io_context io;
    answers given;
    for (std::uint64_t voter = 1; voter <= 100; ++voter)
        asio::co_spawn(io, cast_and_keep(*store_, a_vote(voter, 1), given),
                       [](std::exception_ptr) {});
    io.poll();
    const auto commits = meter_.of(ports::count::store_commits);
    store_->start(changes_);
    io.run();
    EXPECT_EQ(given.size(), 100u);
    EXPECT_EQ(meter_.of(ports::count::store_commits), commits + 1);
    EXPECT_EQ(results().tally.voters(), 100u);
}

asio::awaitable<void> cast_and_say(embedded::store& store, std::uint64_t voter,
                                   std::vector<std::string>& said) {
    ports::vote_group group{base::poll_id("poll"), {a_vote(voter, 1)}};
    const auto answer = co_await store.cast(std::move(group));
    const bool counted = answer && answer->at(0).what == domain::verdict::counted;
    said.push_back(counted ? "counted" : "refused");
}

asio::awaitable<void> close_and_say(embedded::store& store, std::vector<std::string>& said) {
    const auto answer =
        co_await store.move_poll(base::poll_id("poll"), domain::transition::close, {});
    said.push_back(answer ? "closed" : "not closed");
}

TEST_F(Queue_of_a_store, Votes_before_a_close_are_kept_and_answered_before_it) {
    open_with_poll();
    close();
    store_ = try_to_open(folder_.path()).value();
    asio::io_context io;
    std::vector<std::string> said;
    const auto ignore = [](std::exception_ptr) {};
    asio::co_spawn(io, cast_and_say(*store_, 1, said), ignore);
    asio::co_spawn(io, close_and_say(*store_, said), ignore);
    asio::co_spawn(io, cast_and_say(*store_, 2, said), ignore);
    io.poll();
    store_->start(changes_);
    io.run();
    EXPECT_EQ(said, (std::vector<std::string>{"counted", "closed", "refused"}));
    EXPECT_EQ(changes_.results().back()->tally.voters(), 1u);
}

}  // namespace

}  // namespace tallycast::test
