// Many callers at once: whatever the order turns out to be, every ballot has one answer and the
// sums are exact.

#include <contract/stores.hpp>

#include <atomic>
#include <latch>
#include <thread>

namespace tallycast::test {

namespace {

using domain::transition;
using domain::verdict;

constexpr unsigned callers = 4;

class races_of_a_store : public store_contract {
protected:
    // Each caller is a thread with an executor of its own.
    void together(const std::function<void(unsigned caller)>& work) {
        std::latch start(callers);
        std::vector<std::thread> threads;
        for (unsigned caller = 0; caller < callers; ++caller)
            threads.emplace_back([&, caller] {
                start.arrive_and_wait();
                work(caller);
            });
        for (auto& t : threads) t.join();
    }

    // Caller c votes for voters c, c + callers, ...; answers per caller.
    using answers = std::vector<std::vector<domain::decision>>;
    answers vote_all(std::uint64_t voters, const std::function<void()>& meanwhile) {
        answers given(callers);
        std::thread other(meanwhile);
        together([&](unsigned caller) {
            for (std::uint64_t voter = caller + 1; voter <= voters; voter += callers)
                given[caller].push_back(cast_one(a_vote(voter, 1 + voter % 3)));
        });
        other.join();
        return given;
    }

    // It may be told to come again while others change the same.
    static bool removed(const std::function<ports::answer<void>()>& remove) {
        return eventually([&] { return answer_of(remove()).has_value(); });
    }

    static std::uint64_t count(const answers& given, verdict what, std::uint32_t round = 0) {
        std::uint64_t sum = 0;
        for (const auto& one : given)
            for (const auto& d : one) sum += d.what == what && (round == 0 || d.round == round);
        return sum;
    }

    static std::uint64_t all(const answers& given) {
        std::uint64_t sum = 0;
        for (const auto& one : given) sum += one.size();
        return sum;
    }
};

INSTANTIATE_TEST_SUITE_P(stores, races_of_a_store, ::testing::ValuesIn(store_kinds()),
                         [](const auto& kind) { return kind.param.name; });

TEST_P(races_of_a_store, Thousand_votes_in_many_copies_are_a_thousand_votes) {
    open(a_poll());
    std::vector<std::vector<domain::decision>> given(callers);
    together([&](unsigned caller) {
        for (std::uint64_t first = 1; first <= 1000; first += 20) {
            std::vector<domain::vote_request> group;
            for (std::uint64_t voter = first; voter < first + 20; ++voter)
                group.push_back(a_vote(voter, 1 + voter % 3));
            for (const auto& d : cast(group)) given[caller].push_back(d);
        }
    });
    EXPECT_EQ(count(given, verdict::counted), 1000u);
    EXPECT_EQ(count(given, verdict::replayed), 1000u * (callers - 1));
    EXPECT_EQ(results().tally.voters(), 1000u);
    EXPECT_EQ(results().tally.per_option(), (std::vector<std::uint64_t>{333, 334, 333}));
    EXPECT_EQ(ledger().received, 1000u * callers);
    expect_balance();
}

TEST_P(races_of_a_store, One_voter_with_different_choices_has_one_ballot) {
    open(a_poll());
    std::vector<std::vector<domain::decision>> given(callers);
    together([&](unsigned caller) {
        for (std::uint64_t voter = 1; voter <= 100; ++voter)
            given[caller].push_back(
                cast_one(a_vote(voter, 1 + caller % 3, "caller " + std::to_string(caller))));
    });
    EXPECT_EQ(count(given, verdict::counted), 100u);
    EXPECT_EQ(count(given, verdict::already_voted), 100u * (callers - 1));
    EXPECT_EQ(results().tally.voters(), 100u);
    expect_balance();
}

TEST_P(races_of_a_store, Votes_racing_the_close_are_in_the_final_result_or_answered_closed) {
    open(a_poll());
    std::uint64_t final_voters = 0;
    const auto given = vote_all(1000, [&] {
        ASSERT_TRUE(eventually([&] { return ledger().counted >= 200; }));
        ASSERT_TRUE(move(transition::close));
        const auto shown = results();
        EXPECT_TRUE(shown.final);
        final_voters = shown.tally.voters();
    });
    EXPECT_EQ(count(given, verdict::counted), final_voters);
    EXPECT_EQ(count(given, verdict::counted) + count(given, verdict::closed), all(given));
    EXPECT_EQ(results().tally.voters(), final_voters);
    EXPECT_EQ(ledger().of(domain::rejection::late), count(given, verdict::closed));
    expect_balance();
}

TEST_P(races_of_a_store, Votes_racing_a_pause_are_counted_or_answered_paused) {
    open(a_poll());
    const auto given = vote_all(1000, [&] {
        ASSERT_TRUE(eventually([&] { return ledger().counted >= 100; }));
        ASSERT_TRUE(move(transition::pause));
        const auto held = results().tally.voters();
        EXPECT_EQ(results().tally.voters(), held) << "nothing moves while it is paused";
        ASSERT_TRUE(move(transition::open));
    });
    EXPECT_EQ(count(given, verdict::counted) + count(given, verdict::paused), all(given));
    EXPECT_EQ(results().tally.voters(), count(given, verdict::counted));
    expect_balance();
}

TEST_P(races_of_a_store, Votes_racing_a_reset_are_in_the_round_their_answer_names) {
    open(a_poll());
    const auto given = vote_all(1000, [&] {
        ASSERT_TRUE(eventually([&] { return ledger(1).counted >= 200; }));
        ASSERT_TRUE(move(transition::reset));
    });
    EXPECT_EQ(count(given, verdict::counted), all(given));
    EXPECT_EQ(results(1).tally.voters(), count(given, verdict::counted, 1));
    EXPECT_EQ(results(2).tally.voters(), count(given, verdict::counted, 2));
    expect_balance(1);
    expect_balance(2);
}

TEST_P(races_of_a_store, Numbers_taken_at_once_never_meet) {
    std::vector<std::vector<ports::number_block>> taken(callers);
    together([&](unsigned caller) {
        for (int i = 0; i < 50; ++i) {
            const auto block = answer_of(polls().take_numbers(the_event, 7));
            ASSERT_TRUE(block);
            taken[caller].push_back(*block);
        }
    });
    std::vector<bool> given(7 * 50 * callers + 1);
    for (const auto& blocks : taken)
        for (const auto& block : blocks)
            for (auto n = block.first; n < block.first + block.count; ++n) {
                EXPECT_FALSE(given.at(n));
                given.at(n) = true;
            }
}

// Whoever comes first: what was made goes with what it was made in, or is not made.
TEST_P(races_of_a_store, Removed_tenant_keeps_no_key_that_was_made_meanwhile) {
    for (int round = 0; round < 10; ++round) {
        const base::tenant_id tenant("t" + std::to_string(round));
        ASSERT_TRUE(answer_of(polls().add_tenant(a_tenant(tenant.str()))));
        std::vector<std::vector<base::key_id>> made(callers);
        std::atomic<unsigned> under_way = 1;
        together([&](unsigned caller) {
            if (caller == 0) {
                while (under_way < callers) std::this_thread::yield();
                EXPECT_TRUE(removed([&] { return polls().remove_tenant(tenant); }));
                return;
            }
            for (int i = 0;; ++i) {
                const auto own = tenant.str() + "-" + std::to_string(caller * 1000 + i);
                const auto added = answer_of(polls().add_key({.id = base::key_id(own),
                                                              .tenant = tenant,
                                                              .hash = own,
                                                              .prefix = "tck_ab",
                                                              .label = "",
                                                              .created_at = {}}));
                if (!added && added.error().code == base::errc::tenant_not_found) break;
                if (added) made[caller].push_back(added->id);
                if (i == 0) ++under_way;
            }
        });
        for (const auto& keys : made)
            for (const auto& key : keys) {
                const auto removed = answer_of(polls().remove_key(tenant, key));
                EXPECT_EQ(removed.error().code, base::errc::key_not_found) << key.str();
            }
    }
}

TEST_P(races_of_a_store, Removed_event_keeps_no_poll_that_was_made_or_moved_meanwhile) {
    for (int round = 0; round < 10; ++round) {
        const base::event_id event("e" + std::to_string(round));
        const auto code = "ACDFG" + std::string(1, static_cast<char>('K' + round));
        ASSERT_TRUE(answer_of(polls().add_event(an_event(event.str(), code))));
        std::vector<std::vector<base::poll_id>> made(callers);
        std::atomic<unsigned> under_way = 1;
        together([&](unsigned caller) {
            if (caller == 0) {
                while (under_way < callers) std::this_thread::yield();
                EXPECT_TRUE(removed([&] { return polls().remove_event(event); }));
                return;
            }
            for (int i = 0;; ++i) {
                const auto own = event.str() + "-" + std::to_string(caller * 1000 + i);
                const auto added = answer_of(polls().add_poll(a_poll(own, event.str())));
                if (!added && added.error().code == base::errc::event_not_found) break;
                if (added) made[caller].push_back(added->id);
                if (added) move(transition::open, {}, own);
                if (i == 0) ++under_way;
            }
        });
        for (const auto& own : made)
            for (const auto& poll : own) {
                const auto removed = answer_of(polls().remove_poll(poll));
                EXPECT_EQ(removed.error().code, base::errc::poll_not_found) << poll.str();
            }
    }
}

}  // namespace

}  // namespace tallycast::test
