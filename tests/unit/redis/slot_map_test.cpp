#include <redis/slot_map.hpp>

#include <gtest/gtest.h>

using namespace tallycast::redis;

namespace {

const endpoint a{"a", 1};
const endpoint b{"b", 1};
const endpoint c{"c", 1};
const endpoint a2{"a2", 1};
const endpoint asked{"10.0.0.9", 7000};

reply text(std::string t) { return {reply::kind::text, 0, std::move(t), {}}; }
reply integer(std::int64_t n) { return {reply::kind::integer, n, {}, {}}; }
reply array(std::vector<reply> items) { return {reply::kind::array, 0, {}, std::move(items)}; }
reply a_node(std::string host, int port, std::string id) {
    return array({text(std::move(host)), integer(port), text(std::move(id)), array({})});
}

cluster_view::shard claim(slot first, slot last, endpoint who, std::uint64_t epoch) {
    return {{first, last}, std::move(who), {}, epoch};
}

slot_map thirds() {
    return merged({{{claim(0, 5000, a, 1), claim(5001, 10000, b, 2), claim(10001, 16383, c, 3)}}},
                  {});
}

TEST(Slot_map, One_server_owns_everything) {
    const auto map = slot_map::of_one(a, {a2});
    EXPECT_EQ(*map.owner_of(0), a);
    EXPECT_EQ(*map.owner_of(16383), a);
    EXPECT_EQ(map.ranges_of(a), (std::vector<slot_range>{{0, 16383}}));
    EXPECT_EQ(map.primaries(), std::vector<endpoint>{a});
    EXPECT_EQ(map.replicas_of(a), std::vector<endpoint>{a2});
    EXPECT_TRUE(map.replicas_of(b).empty());
}

TEST(Slot_map, An_empty_one_knows_nobody) {
    EXPECT_TRUE(slot_map().empty());
    EXPECT_EQ(slot_map().owner_of(7), nullptr);
    EXPECT_TRUE(slot_map().ranges_of(a).empty());
}

TEST(Slot_map, Slots_move_one_by_one) {
    auto map = thirds();
    map.assign({100, 100}, b);
    EXPECT_EQ(*map.owner_of(100), b);
    EXPECT_EQ(map.ranges_of(a), (std::vector<slot_range>{{0, 99}, {101, 5000}}));
    EXPECT_EQ(map.ranges_of(b), (std::vector<slot_range>{{100, 100}, {5001, 10000}}));
}

TEST(Cluster_view, Is_read_from_slots_and_nodes) {
    const auto slots = array({array({integer(0), integer(8191), a_node("127.0.0.1", 7001, "id1"),
                                     a_node("127.0.0.1", 7004, "id4")}),
                              array({integer(8192), integer(16383), a_node("", 7002, "id2")})});
    const auto nodes = text(
        "id1 127.0.0.1:7001@17001,host1 master - 0 1426238317239 4 connected 0-8191\n"
        "id4 127.0.0.1:7004@17004 slave id1 0 1426238316232 4 connected\n"
        "id2 10.0.0.9:7002@17002 myself,master - 0 0 12 connected 8192-16383\n");
    const auto view = read_cluster_view(slots, nodes, asked);
    ASSERT_TRUE(view);
    ASSERT_EQ(view->shards.size(), 2u);
    EXPECT_EQ(view->shards[0].primary, (endpoint{"127.0.0.1", 7001}));
    EXPECT_EQ(view->shards[0].replicas, (std::vector<endpoint>{{"127.0.0.1", 7004}}));
    EXPECT_EQ(view->shards[0].epoch, 4u);
    EXPECT_EQ(view->shards[1].primary, (endpoint{"10.0.0.9", 7002})) << "the host that was asked";
    EXPECT_EQ(view->shards[1].epoch, 12u);
}

TEST(Cluster_view, Anything_else_is_none) {
    const auto nodes = text("id1 a:1@2 master - 0 0 4 connected\n");
    const auto row = [](std::int64_t first, std::int64_t last, reply who) {
        return array({array({integer(first), integer(last), std::move(who)})});
    };
    const auto good = a_node("a", 1, "id1");
    EXPECT_TRUE(read_cluster_view(row(0, 1, good), nodes, asked));
    EXPECT_FALSE(read_cluster_view(row(1, 0, good), nodes, asked));
    EXPECT_FALSE(read_cluster_view(row(-1, 0, good), nodes, asked));
    EXPECT_FALSE(read_cluster_view(row(0, 16384, good), nodes, asked));
    EXPECT_FALSE(read_cluster_view(row(0, 1, text("a")), nodes, asked));
    EXPECT_FALSE(read_cluster_view(row(0, 1, a_node("a", 65536, "id1")), nodes, asked));
    EXPECT_FALSE(read_cluster_view(array({integer(1)}), nodes, asked));
    EXPECT_FALSE(read_cluster_view(text("x"), nodes, asked));
    EXPECT_FALSE(read_cluster_view(row(0, 1, good), text("id1 a:1@2 master"), asked));
    EXPECT_FALSE(read_cluster_view(row(0, 1, good), integer(1), asked));
}

TEST(Merging, The_highest_epoch_holds_a_slot) {
    const cluster_view old_one{{claim(0, 16383, a, 4)}};
    const cluster_view new_one{{claim(0, 8000, a2, 5), claim(8001, 16383, a, 4)}};
    for (const auto& views : {std::vector{old_one, new_one}, std::vector{new_one, old_one}}) {
        const auto map = merged(views, {});
        EXPECT_EQ(map.ranges_of(a2), (std::vector<slot_range>{{0, 8000}}));
        EXPECT_EQ(map.ranges_of(a), (std::vector<slot_range>{{8001, 16383}}));
    }
}

TEST(Merging, At_a_draw_the_present_owner_stays) {
    const std::vector<cluster_view> views{{{claim(0, 16383, a, 4)}}, {{claim(0, 16383, b, 4)}}};
    EXPECT_EQ(merged(views, slot_map::of_one(b)).primaries(), std::vector<endpoint>{b});
    EXPECT_EQ(merged(views, slot_map::of_one(a)).primaries(), std::vector<endpoint>{a});
}

TEST(Merging, Slots_nobody_claims_have_no_owner) {
    const auto map = merged({{{claim(5, 6, a, 1)}}}, slot_map::of_one(a));
    EXPECT_EQ(map.owner_of(4), nullptr);
    EXPECT_EQ(*map.owner_of(5), a);
    EXPECT_EQ(map.owner_of(7), nullptr);
}

TEST(Replacement, A_failover_replaces_and_a_migration_does_not) {
    const auto before = thirds();
    const auto failed_over = merged(
        {{{claim(0, 5000, a2, 9), claim(5001, 10000, b, 2), claim(10001, 16383, c, 3)}}}, before);
    EXPECT_TRUE(was_replaced(a, before, failed_over));
    const auto emptied = merged({{{claim(0, 10000, b, 9), claim(10001, 16383, c, 3)}}}, before);
    EXPECT_FALSE(was_replaced(a, before, emptied));
}

}  // namespace
