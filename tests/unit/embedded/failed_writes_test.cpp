// A file that cannot grow: nothing is shown that is not kept, and the store comes back by itself.

#include <support/store_fixture_folder.hpp>

#include <sys/resource.h>

#include <csignal>

namespace tallycast::test {

namespace {

using domain::verdict;

// No file of this process may grow past `size` while it lives; SQLite sees a failed write.
class file_size_limit {
public:
    explicit file_size_limit(std::uintmax_t size) {
        former_handler_ = std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &former_);
        auto limited = former_;
        limited.rlim_cur = size;
        ::setrlimit(RLIMIT_FSIZE, &limited);
    }
    ~file_size_limit() {
        ::setrlimit(RLIMIT_FSIZE, &former_);
        std::signal(SIGXFSZ, former_handler_);
    }
    file_size_limit(const file_size_limit&) = delete;
    file_size_limit& operator=(const file_size_limit&) = delete;

private:
    rlimit former_{};
    void (*former_handler_)(int) = SIG_DFL;
};

class Store_on_a_full_disk : public embedded_on_disk {
protected:
    std::uintmax_t log_size() const { return std::filesystem::file_size(folder_.file() + "-wal"); }

    void expect_refused(const base::failure& f) {
        EXPECT_EQ(f.code, base::errc::store_unavailable);
        EXPECT_EQ(f.retry_after, base::milliseconds(500));
    }

    // The clock is ours, the store's look at it is not: it happens within a tenth of a second.
    bool comes_back() {
        clock_.advance(base::milliseconds(500));
        return eventually([&] { return store_->ready(); });
    }
};

TEST_F(Store_on_a_full_disk, Takes_back_exactly_what_it_could_not_keep) {
    open_with_poll();
    ASSERT_TRUE(cast({a_vote(1, 1, "k1"), a_vote(2, 2), a_vote(3, 3)}));
    const auto shown = results();
    const auto before = ledger();
    const auto kept = ballots();
    const std::vector<domain::vote_request> group{
        a_vote(4, 1),    a_vote(1, 2, "k2"),    a_vote(1, 3, "k3"), a_vote(2, 2),
        a_withdrawal(3), a_vote(3, 1, "again"), a_vote(1, 1, "k2")};
    {
        const file_size_limit full(log_size());
        const auto refused = cast(group);
        ASSERT_FALSE(refused);
        expect_refused(refused.error());
        EXPECT_TRUE(eventually([&] { return !store_->ready(); }));
        EXPECT_EQ(results().tally, shown.tally);
        EXPECT_EQ(results().version, shown.version);
        EXPECT_EQ(ledger(), before);
        EXPECT_EQ(ballots(), kept);
        expect_refused(cast({a_vote(9, 1)}).error());
        expect_refused(answer_of(store_->add_poll(a_poll("another"))).error());
        expect_refused(answer_of(store_->move_poll(poll_, domain::transition::close, {})).error());
        EXPECT_EQ(log_.errors(), 1) << "loud, once";
    }
    ASSERT_TRUE(comes_back());
    const auto given = cast(group).value();
    EXPECT_EQ(given[0].what, verdict::counted);
    EXPECT_EQ(given[1].what, verdict::changed);
    EXPECT_EQ(given[2].what, verdict::changed);
    EXPECT_EQ(given[3].what, verdict::replayed);
    EXPECT_EQ(given[4].what, verdict::withdrawn);
    EXPECT_EQ(given[5].what, verdict::counted);
    EXPECT_EQ(given[6].what, verdict::key_reused);
    EXPECT_TRUE(domain::balances(ledger()));
    const auto after = ballots();
    close();
    open();
    EXPECT_EQ(ballots(), after);
}

TEST_F(Store_on_a_full_disk, Stays_unready_while_the_trial_fails) {
    open_with_poll();
    const file_size_limit full(log_size());
    expect_refused(cast({a_vote(1, 1)}).error());
    for (int i = 0; i < 3; ++i) {
        const auto failures = meter_.of(ports::count::store_failures);
        clock_.advance(base::milliseconds(500));
        EXPECT_TRUE(eventually([&] { return meter_.of(ports::count::store_failures) > failures; }));
        EXPECT_FALSE(store_->ready());
    }
    EXPECT_EQ(log_.errors(), 1);
}

TEST_F(Store_on_a_full_disk, Failed_change_of_a_poll_is_not_told) {
    open_with_poll();
    const auto told = changes_.all().size();
    {
        const file_size_limit full(log_size());
        expect_refused(answer_of(store_->move_poll(poll_, domain::transition::close, {})).error());
        EXPECT_EQ(changes_.all().size(), told);
    }
    ASSERT_TRUE(comes_back());
    EXPECT_EQ(cast({a_vote(1, 1)}).value().at(0).what, verdict::counted);
}

TEST_F(Store_on_a_full_disk, Poll_that_is_due_meanwhile_closes_as_soon_as_it_can) {
    open_with_poll();
    ports::poll_patch patch;
    patch.closes_at = clock_.wall() + base::milliseconds(100);
    ASSERT_TRUE(answer_of(store_->change_poll(poll_, patch)));
    {
        const file_size_limit full(log_size());
        clock_.advance(base::milliseconds(100));
        expect_refused(cast({a_vote(1, 1)}).error());
    }
    ASSERT_TRUE(comes_back());
    const auto d = cast({a_vote(1, 1)}).value().at(0);
    EXPECT_EQ(d.what, verdict::closed);
    EXPECT_EQ(d.closed_at, *patch.closes_at);
}

TEST_F(Store_on_a_full_disk, Numbers_not_kept_are_given_later) {
    open_with_poll();
    const base::event_id event("event");
    {
        const file_size_limit full(log_size());
        expect_refused(answer_of(store_->take_numbers(event, 5)).error());
    }
    ASSERT_TRUE(comes_back());
    EXPECT_EQ(answer_of(store_->take_numbers(event, 5))->first, 1u);
}

}  // namespace

}  // namespace tallycast::test
