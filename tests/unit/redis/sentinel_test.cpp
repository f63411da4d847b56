// The client behind three real Sentinels, a primary and two replicas.

#include "rig.hpp"

#include <redis/command.hpp>
#include <redis/subscriber.hpp>

#include <support/redis_sentinels.hpp>

namespace tallycast::test {

namespace {

using redis::call_error;
using redis::command;

class Redis_sentinel : public redis_rig {
protected:
    void SetUp() override {
        options_.watch_every = 300ms;
        options_.fence_after = 1500ms;
    }
    std::string primary_now() const {
        const auto all = client_->primaries();
        return all.empty() ? "" : all.front().address;
    }
    bool primary_becomes_another(const std::string& than) {
        return eventually([&] { return client_->ready() && primary_now() != than; });
    }

    redis_sentinels house_;
};

TEST_F(Redis_sentinel, Finds_the_primary) {
    connect(house_.url());
    EXPECT_EQ(said({command{"SET", "k", "v"}}), "OK");
    EXPECT_EQ(primary_now(), house_.servers[0]->address());
    EXPECT_FALSE(client_->fenced());
}

TEST_F(Redis_sentinel, Says_when_no_sentinel_knows_the_name) {
    auto url = house_.url();
    url.replace(url.rfind("tally"), 5, "other");
    connect(url);
    EXPECT_FALSE(call({command{"PING"}}, 200ms));
    EXPECT_TRUE(eventually([&] { return log_.says("knows no primary of this name"); }));
    EXPECT_TRUE(client_->fenced());
    EXPECT_FALSE(client_->ready());
}

TEST_F(Redis_sentinel, Goes_to_the_new_primary_when_the_old_one_dies) {
    connect(house_.url());
    ASSERT_TRUE(becomes_ready());
    const auto first = client_->primaries().at(0);
    EXPECT_EQ(said({command{"SET", "k", "v"}, command{"WAIT", "2", "5000"}}), "OK");
    house_.servers[0]->kill();
    EXPECT_EQ(said({command{"GET", "k"}}, 30s), "v") << "held over the failover";
    const auto second = client_->primaries().at(0);
    EXPECT_NE(second.address, first.address);
    EXPECT_EQ(second.replid2, first.replid);
    EXPECT_GT(second.second_offset, 0);
}

TEST_F(Redis_sentinel, Goes_to_the_new_primary_after_a_planned_failover) {
    connect(house_.url());
    ASSERT_TRUE(becomes_ready());
    const auto first = primary_now();
    EXPECT_EQ(house_.sentinels[0]->say({"SENTINEL", "FAILOVER", "tally"}), "OK");
    EXPECT_TRUE(primary_becomes_another(first));
    EXPECT_EQ(said({command{"SET", "k", "v"}}, 20s), "OK");
}

TEST_F(Redis_sentinel, A_primary_that_was_frozen_is_not_believed) {
    connect(house_.url());
    ASSERT_TRUE(becomes_ready());
    const auto first = primary_now();
    house_.servers[0]->freeze();
    ASSERT_TRUE(primary_becomes_another(first));
    house_.servers[0]->thaw();
    for (int i = 0; i < 50; ++i)
        EXPECT_EQ(said({command{"INCR", "n"}}, 20s), std::to_string(i + 1));
    EXPECT_NE(primary_now(), first);
}

TEST_F(Redis_sentinel, Is_fenced_without_a_majority_and_heals) {
    connect(house_.url());
    ASSERT_TRUE(becomes_ready());
    EXPECT_EQ(said({command{"SET", "k", "v"}}), "OK");
    house_.sentinels[0]->freeze();
    EXPECT_FALSE(eventually([&] { return client_->fenced(); }, 3s)) << "two of three are left";
    EXPECT_EQ(said({command{"SET", "k", "v"}}), "OK");
    house_.sentinels[1]->freeze();
    const auto before = std::chrono::steady_clock::now();
    ASSERT_TRUE(eventually([&] { return client_->fenced(); }));
    EXPECT_LE(std::chrono::steady_clock::now() - before, 1500ms + 100ms);
    const auto got = call({command{"SET", "k", "w"}}, 5s);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, call_error::unavailable);
    EXPECT_FALSE(client_->ready());
    EXPECT_NE(client_->last_error(), "");
    house_.sentinels[1]->thaw();
    EXPECT_TRUE(becomes_ready());
    EXPECT_EQ(said({command{"GET", "k"}}), "v");
    house_.sentinels[0]->thaw();
}

TEST_F(Redis_sentinel, What_is_under_way_when_the_fence_goes_up_is_unknown) {
    options_.answer_time = 20s;
    connect(house_.url());
    ASSERT_TRUE(becomes_ready());
    const auto blocked = begin({command{"BLPOP", "none", "0"}}, 20s);
    io_.run_for(50ms);
    house_.sentinels[0]->freeze();
    house_.sentinels[1]->freeze();
    ASSERT_TRUE(eventually([&] { return blocked->has_value(); }, 10s))
        << "long before its own deadline";
    const auto got = end(blocked);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, call_error::unknown);
    EXPECT_TRUE(client_->fenced());
    house_.sentinels[0]->thaw();
    house_.sentinels[1]->thaw();
}

TEST_F(Redis_sentinel, Reads_may_go_to_replicas) {
    options_.read_replicas = true;
    connect(house_.url());
    ASSERT_TRUE(becomes_ready());
    const auto role_of_reader = [&] {
        auto work = client_->call_replica(0, one(command{"ROLE"}), 5s);
        std::optional<outcome> got;
        boost::asio::co_spawn(io_, std::move(work),
                              [&](std::exception_ptr, outcome o) { got = std::move(o); });
        EXPECT_TRUE(eventually([&] { return got.has_value(); }));
        return got && *got ? (*got)->front().items.front().text : "nothing";
    };
    EXPECT_TRUE(eventually([&] { return role_of_reader() == "slave"; }));
    house_.servers[1]->kill();
    house_.servers[2]->kill();
    EXPECT_TRUE(eventually([&] { return role_of_reader() == "master"; }));
}

TEST_F(Redis_sentinel, Listening_goes_on_at_the_new_primary) {
    int gaps = 0;
    std::string heard;
    redis::subscriber subscriber(
        io_.get_executor(), redis::parse_deployment(house_.url()).value(), options_, {"news"},
        [&](std::string_view, std::string_view payload) { heard = payload; }, [&] { ++gaps; },
        log_);
    subscriber.start();
    ASSERT_TRUE(eventually([&] { return gaps == 1; }));
    house_.servers[0]->kill();
    ASSERT_TRUE(eventually([&] { return gaps >= 2; }));
    EXPECT_TRUE(eventually([&] {
        for (const auto* server : {house_.servers[1].get(), house_.servers[2].get()})
            if (server->say({"ROLE"}).starts_with("master")) server->say({"SPUBLISH", "news", "x"});
        return heard == "x";
    }));
}

}  // namespace

}  // namespace tallycast::test
