// The client and a real cluster.

#include "rig.hpp"

#include <redis/command.hpp>
#include <redis/subscriber.hpp>

#include <support/redis_cluster.hpp>

#include <set>

namespace tallycast::test {

namespace {

using redis::call_error;
using redis::command;
using redis::pipeline;
using redis::slot_of;

constexpr auto library = R"(#!lua name=tests
redis.register_function('add', function(keys, args) return redis.call('INCR', keys[1]) end)
)";

class Redis_cluster : public redis_rig {
protected:
    void SetUp() override {
        options_.watch_every = 300ms;
        options_.fence_after = 1500ms;
    }
    std::string add_to(const std::string& key, std::chrono::milliseconds deadline = 20s) {
        return said({command{"FCALL", "add", "1", key}}, deadline, slot_of(key));
    }
    // A key in the slots that the primary had at the beginning.
    std::string key_at(const redis_cluster& cluster, std::size_t number) const {
        const auto [first, last] = cluster.slots_of(number);
        for (int i = 0;; ++i) {
            const auto key = "{key" + std::to_string(i) + "}";
            if (slot_of(key) >= first && slot_of(key) <= last) return key;
        }
    }
    bool all_are_linked(std::size_t count = 3) {
        return eventually([&] { return client_->primaries().size() == count; });
    }
};

TEST_F(Redis_cluster, Finds_every_primary_and_loads_the_library_at_each) {
    redis_cluster cluster;
    connect(cluster.url(), library);
    for (int round = 1; round <= 2; ++round)
        for (std::size_t i = 0; i < 3; ++i)
            EXPECT_EQ(add_to(key_at(cluster, i)), std::to_string(round));
    ASSERT_TRUE(all_are_linked());
    std::set<std::string> replids;
    for (const auto& one : client_->primaries()) {
        replids.insert(one.replid);
        ASSERT_EQ(one.ranges.size(), 1u);
        for (std::size_t i = 0; i < 3; ++i)
            if (cluster.primary(i).address() == one.address) {
                EXPECT_EQ(one.ranges[0].first, cluster.slots_of(i).first);
                EXPECT_EQ(one.ranges[0].second, cluster.slots_of(i).second);
            }
    }
    EXPECT_EQ(replids.size(), 3u);
    EXPECT_FALSE(client_->fenced());
    EXPECT_EQ(client_->last_error(), "");
}

TEST_F(Redis_cluster, Says_when_there_is_no_cluster) {
    redis_server lone;
    connect("redis+cluster://" + lone.address());
    EXPECT_TRUE(eventually([&] { return log_.says("cluster support disabled"); }));
    EXPECT_FALSE(client_->ready());
}

TEST_F(Redis_cluster, Follows_a_failover_and_the_others_go_on) {
    redis_cluster cluster;
    connect(cluster.url(), library);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(add_to(key_at(cluster, i)), "1");
    ASSERT_TRUE(all_are_linked());
    cluster.primary(1).wait_until_said({"WAIT", "1", "1000"}, "1");
    cluster.primary(1).kill();
    EXPECT_EQ(add_to(key_at(cluster, 0)), "2");
    EXPECT_TRUE(client_->ready());
    EXPECT_EQ(add_to(key_at(cluster, 1), 40s), "2");
    ASSERT_TRUE(all_are_linked());
    for (const auto& one : client_->primaries()) {
        if (one.address == cluster.replica(1).address()) {
            EXPECT_GT(one.second_offset, 0);
            return;
        }
    }
    FAIL() << "the replica was not promoted";
}

TEST_F(Redis_cluster, A_primary_that_was_frozen_is_not_believed) {
    redis_cluster cluster;
    connect(cluster.url(), library);
    const auto key = key_at(cluster, 2);
    EXPECT_EQ(add_to(key), "1");
    cluster.primary(2).wait_until_said({"WAIT", "1", "1000"}, "1");
    cluster.primary(2).freeze();
    const auto unknown = call({command{"FCALL", "add", "1", key}}, 20s, slot_of(key));
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, call_error::unknown);
    EXPECT_EQ(add_to(key, 40s), "2");
    cluster.primary(2).thaw();
    for (int i = 3; i < 30; ++i) EXPECT_EQ(add_to(key), std::to_string(i));
}

TEST_F(Redis_cluster, Is_fenced_without_a_majority_of_primaries) {
    redis_cluster cluster(3, false);
    connect(cluster.url(), library);
    const auto key = key_at(cluster, 0);
    EXPECT_EQ(add_to(key), "1");
    cluster.primary(1).freeze();
    EXPECT_FALSE(eventually([&] { return client_->fenced(); }, 3s));
    cluster.primary(2).freeze();
    ASSERT_TRUE(eventually([&] { return client_->fenced(); }, 3s));
    const auto got = call({command{"FCALL", "add", "1", key}}, 5s, slot_of(key));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, call_error::unavailable);
    cluster.primary(1).thaw();
    cluster.primary(2).thaw();
    EXPECT_TRUE(becomes_ready());
    EXPECT_EQ(add_to(key), "2");
}

TEST_F(Redis_cluster, Slots_move_while_it_is_used) {
    redis_cluster cluster(3, false);
    connect(cluster.url(), library);
    const auto key = key_at(cluster, 0);
    const auto slot = std::to_string(slot_of(key));
    EXPECT_EQ(add_to(key), "1");
    ASSERT_TRUE(all_are_linked());
    auto& from = cluster.primary(0);
    auto& to = cluster.primary(1);
    EXPECT_EQ(to.say({"CLUSTER", "SETSLOT", slot, "IMPORTING", cluster.id_of(0)}), "OK");
    EXPECT_EQ(from.say({"CLUSTER", "SETSLOT", slot, "MIGRATING", cluster.id_of(1)}), "OK");
    EXPECT_EQ(add_to(key), "2") << "still there";
    EXPECT_EQ(add_to(key + "new"), "1") << "asked for at the new place";
    EXPECT_EQ(to.say({"CLUSTER", "COUNTKEYSINSLOT", slot}), "1");
    const auto both = call({command{"FCALL", "add", "1", key + "new"}, command{"ROLE"},
                            command{"FCALL", "add", "1", key + "new"}},
                           20s, slot_of(key));
    ASSERT_TRUE(both);
    ASSERT_EQ(both->size(), 3u) << "the answers to ASKING are not among them";
    EXPECT_EQ((*both)[0].number, 2);
    EXPECT_EQ((*both)[1].items.front().text, "master");
    EXPECT_EQ((*both)[2].number, 3);
    const auto split = begin({command{"MGET", key, key + "new"}}, 20s, slot_of(key));
    const auto in_vain = call({command{"MGET", key, key + "new"}}, 300ms, slot_of(key));
    ASSERT_FALSE(in_vain) << "one key here, one there";
    EXPECT_TRUE(in_vain.error().detail.starts_with("TRYAGAIN")) << in_vain.error().detail;
    EXPECT_EQ(from.say({"MIGRATE", "127.0.0.1", std::to_string(to.port()), key, "0", "1000"}),
              "OK");
    const auto got = end(split);
    ASSERT_TRUE(got) << got.error().detail;
    EXPECT_EQ(got->front().items[0].text, "2");
    EXPECT_EQ(got->front().items[1].text, "3");
    for (std::size_t i : {1u, 0u, 2u})
        EXPECT_EQ(cluster.primary(i).say({"CLUSTER", "SETSLOT", slot, "NODE", cluster.id_of(1)}),
                  "OK");
    ASSERT_TRUE(becomes_ready());  // nobody turned the executor for a while
    EXPECT_EQ(add_to(key), "3");
    EXPECT_EQ(all_are_linked(), true) << "nothing was dropped for it";
    EXPECT_FALSE(log_.says("replaced by another"));
}

TEST_F(Redis_cluster, Slots_may_move_to_a_server_that_is_new) {
    redis_cluster cluster(3, false);
    connect(cluster.url(), library);
    const auto key = key_at(cluster, 0);
    const auto slot = std::to_string(slot_of(key));
    EXPECT_EQ(add_to(key), "1");
    const auto added = cluster.add_primary();
    ASSERT_TRUE(becomes_ready());  // nobody turned the executor for a while
    auto& to = *cluster.servers()[added];
    EXPECT_EQ(to.say({"CLUSTER", "SETSLOT", slot, "IMPORTING", cluster.id_of(0)}), "OK");
    EXPECT_EQ(
        cluster.primary(0).say({"CLUSTER", "SETSLOT", slot, "MIGRATING", cluster.id_of(added)}),
        "OK");
    EXPECT_EQ(add_to(key + "new"), "1");
    EXPECT_EQ(cluster.primary(0).say(
                  {"MIGRATE", "127.0.0.1", std::to_string(to.port()), key, "0", "1000"}),
              "OK");
    for (std::size_t i : {3u, 0u, 1u, 2u})
        EXPECT_EQ(
            cluster.servers()[i]->say({"CLUSTER", "SETSLOT", slot, "NODE", cluster.id_of(added)}),
            "OK");
    ASSERT_TRUE(becomes_ready());
    EXPECT_EQ(add_to(key), "2");
    EXPECT_TRUE(all_are_linked(4));
}

TEST_F(Redis_cluster, Reads_may_go_to_replicas) {
    redis_cluster cluster;
    options_.read_replicas = true;
    connect(cluster.url(), library);
    const auto key = key_at(cluster, 0);
    EXPECT_EQ(add_to(key), "1");
    const auto read = [&](command what) {
        auto work = client_->call_replica(slot_of(key), one(std::move(what)), 5s);
        std::optional<outcome> got;
        boost::asio::co_spawn(io_, std::move(work),
                              [&](std::exception_ptr, outcome o) { got = std::move(o); });
        EXPECT_TRUE(eventually([&] { return got.has_value(); }));
        return got && *got ? (*got)->front() : redis::reply{};
    };
    EXPECT_TRUE(eventually([&] { return read(command{"ROLE"}).items.front().text == "slave"; }));
    EXPECT_TRUE(eventually([&] { return read(command{"GET", key}).text == "1"; }));
}

TEST_F(Redis_cluster, Listening_follows_its_channel) {
    redis_cluster cluster(3, false);
    const auto channel = key_at(cluster, 0);
    int gaps = 0;
    std::set<std::string> heard;
    redis::subscriber subscriber(
        io_.get_executor(), redis::parse_deployment(cluster.url()).value(), options_,
        {channel, key_at(cluster, 1), key_at(cluster, 2)},
        [&](std::string_view, std::string_view payload) { heard.emplace(payload); },
        [&] { ++gaps; }, log_);
    subscriber.start();
    ASSERT_TRUE(eventually([&] { return gaps == 3; }));
    for (std::size_t i = 0; i < 3; ++i)
        cluster.primary(i).say({"SPUBLISH", key_at(cluster, i), std::to_string(i)});
    EXPECT_TRUE(eventually([&] { return heard == std::set<std::string>{"0", "1", "2"}; }));
    const auto slot = std::to_string(slot_of(channel));
    for (std::size_t i : {1u, 0u, 2u})
        EXPECT_EQ(cluster.primary(i).say({"CLUSTER", "SETSLOT", slot, "NODE", cluster.id_of(1)}),
                  "OK");
    ASSERT_TRUE(eventually([&] { return gaps > 3; }));
    EXPECT_TRUE(eventually([&] {
        cluster.primary(1).say({"SPUBLISH", channel, "moved"});
        return heard.count("moved") == 1;
    }));
}

}  // namespace

}  // namespace tallycast::test
