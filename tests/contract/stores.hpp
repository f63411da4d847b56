#pragma once
// The stores the contract is proved on. A kind makes an empty store; the suites see only the ports.

#include <support/store_fixture.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tallycast::test {

// A running store and what it was given. Ends it on destruction.
class tested_store {
public:
    virtual ~tested_store() = default;
    virtual ports::vote_store& votes() = 0;
    virtual ports::poll_store& polls() = 0;
    virtual void stop() = 0;

    fake_clock clock;
    counting_meter meter;
    quiet_log log;
    recorded_changes changes;
};

struct store_kind {
    std::string name;
    std::function<std::unique_ptr<tested_store>()> make;
};

const std::vector<store_kind>& store_kinds();

// A store with one tenant and one event, and short words for the calls.
class store_contract : public ::testing::TestWithParam<store_kind> {
protected:
    void SetUp() override;

    ports::vote_store& votes() { return store_->votes(); }
    ports::poll_store& polls() { return store_->polls(); }
    fake_clock& clock() { return store_->clock; }
    recorded_changes& changes() { return store_->changes; }

    domain::poll add(domain::poll poll);   // as a draft
    domain::poll open(domain::poll poll);  // added and opened
    base::result<domain::poll> move(domain::transition what,
                                    std::optional<base::milliseconds> duration = {},
                                    const std::string& poll = "poll");
    std::vector<domain::decision> cast(std::vector<domain::vote_request> group,
                                       const std::string& poll = "poll");
    domain::decision cast_one(const domain::vote_request& vote, const std::string& poll = "poll");
    domain::results results(std::uint32_t round = 0, const std::string& poll = "poll");
    // A poll that closes by itself may be caught while some of its slices have not been told yet:
    // waits until its results are final, and fails when they do not become so.
    domain::results final_results();
    domain::ledger ledger(std::uint32_t round = 0, const std::string& poll = "poll");

    // Ledger balanced, results and ballots in step with it.
    void expect_balance(std::uint32_t round = 0, const std::string& poll = "poll");

    std::unique_ptr<tested_store> store_;
};

inline const base::poll_id the_poll{"poll"};
inline const base::event_id the_event{"event"};

}  // namespace tallycast::test
