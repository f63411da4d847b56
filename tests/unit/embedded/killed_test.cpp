// A process killed in the middle of its work: whatever it had acknowledged is in the file.

#include <support/store_fixture_folder.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <thread>

namespace tallycast::test {

namespace {

constexpr std::uint64_t voters_of_a_thread = 100'000;  // more than are ever reached
constexpr unsigned threads = 3;

struct acknowledgement {
    std::uint64_t voter;
    std::uint64_t option;
    std::uint32_t sequence;
};

// The child: votes without end and writes down each answer it got.
[[noreturn]] void vote_until_killed(embedded::store& store, int to_parent) {
    const auto vote = [&](unsigned thread) {
        for (std::uint64_t i = 0; i < voters_of_a_thread; i += 4) {
            ports::vote_group group{base::poll_id("poll"), {}};
            for (std::uint64_t k = 0; k < 4; ++k)
                group.votes.push_back(a_vote(1 + (i + k) * threads + thread, 1 + k % 3));
            const auto given = answer_of(store.cast(group));
            if (!given) ::_exit(2);
            for (std::size_t k = 0; k < 4; ++k) {
                const acknowledgement ack{group.votes[k].voter.value, group.votes[k].vote.bits,
                                          (*given)[k].sequence};
                if (::write(to_parent, &ack, sizeof ack) != sizeof ack) ::_exit(3);
            }
        }
    };
    std::vector<std::thread> running;
    for (unsigned t = 0; t < threads; ++t) running.emplace_back(vote, t);
    for (auto& t : running) t.join();
    ::_exit(4);
}

[[noreturn]] void be_the_child(const std::string& data_dir, int to_parent) {
    fake_clock clock;
    counting_meter meter;
    quiet_log log;
    recorded_changes changes;
    auto store = embedded::store::open({.data_dir = data_dir, .level = embedded::durability::async},
                                       clock, meter, log);
    if (!store) ::_exit(1);
    (*store)->start(changes);
    vote_until_killed(**store, to_parent);
}

class Killed_store : public embedded_on_disk {};

TEST_F(Killed_store, Has_every_acknowledged_vote_again_and_again) {
    open_with_poll();
    close();
    std::map<std::uint64_t, acknowledgement> acknowledged;
    // Each child starts with the voters of the first again, so most of what it sends is a replay at
    // first.
    for (const std::size_t enough : {50u, 400u, 1500u}) {
        int pipe_ends[2];
        ASSERT_EQ(::pipe(pipe_ends), 0);
        const auto child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            ::close(pipe_ends[0]);
            be_the_child(folder_.path(), pipe_ends[1]);
        }
        ::close(pipe_ends[1]);
        std::size_t seen = 0;
        for (acknowledgement ack{}; ::read(pipe_ends[0], &ack, sizeof ack) == sizeof ack;) {
            acknowledged[ack.voter] = ack;
            if (++seen == enough) ::kill(child, SIGKILL);
        }
        ::close(pipe_ends[0]);
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << WEXITSTATUS(status);
        ASSERT_GE(seen, enough);

        open();
        std::map<std::uint64_t, std::uint64_t> kept;
        for (const auto& [voter, option] : ballots()) kept[voter] = option;
        for (const auto& [voter, ack] : acknowledged) {
            ASSERT_TRUE(kept.contains(voter)) << voter;
            EXPECT_EQ(kept[voter], ack.option);
        }
        EXPECT_EQ(results().tally.voters(), kept.size());
        EXPECT_TRUE(domain::balances(ledger()));
        const auto& [voter, ack] = *acknowledged.begin();
        const auto again = cast({a_vote(voter, ack.option)}).value().at(0);
        EXPECT_EQ(again.what, domain::verdict::replayed);
        EXPECT_EQ(again.sequence, ack.sequence);
        close();
    }
}

}  // namespace

}  // namespace tallycast::test
