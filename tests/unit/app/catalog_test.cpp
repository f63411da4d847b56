#include <tallycast/app/catalog.hpp>

#include <gtest/gtest.h>

namespace tallycast::app {
namespace {

event_ptr event(const char* id, const char* code, const char* tenant = "t") {
    domain::event e;
    e.id = base::event_id{id};
    e.tenant = base::tenant_id{tenant};
    e.code = code;
    return std::make_shared<const domain::event>(e);
}

poll_ptr poll(const char* id, const char* of, std::uint32_t revision = 1) {
    domain::poll p;
    p.id = base::poll_id{id};
    p.event = base::event_id{of};
    p.revision = revision;
    return std::make_shared<const domain::poll>(p);
}

TEST(Catalog, Finds_an_event_by_its_id_and_by_its_present_code_only) {
    catalog known;
    known.apply(event("e", "OLDCODE"));
    known.apply(event("e", "NEWCODE"));
    EXPECT_EQ(known.event(base::event_id{"e"})->code, "NEWCODE");
    EXPECT_TRUE(known.event_with_code("NEWCODE"));
    EXPECT_FALSE(known.event_with_code("OLDCODE"));
}

TEST(Catalog, Finds_an_event_by_a_code_that_only_looks_like_its_own) {
    catalog known;
    known.apply(event("e", "SHOW2026"));
    const auto found = [&](const char* typed) {
        const auto one = known.event_with_code(typed);
        return one ? one->id.str() : std::string{};
    };
    EXPECT_EQ(found("SH0W2O26"), "e");
    EXPECT_EQ(found("5HOWZ026"), "e");
    EXPECT_EQ(found("SHOW2027"), "");
    known.apply(event("f", "5HOW2026"));
    EXPECT_EQ(found("SHOW2026"), "e") << "the very code goes first";
    EXPECT_EQ(found("SH0W2026"), "") << "two look like this one";
    known.apply(event("f", "OTHERS"));
    EXPECT_EQ(found("SH0W2026"), "e");
    known.apply(ports::event_removed{base::event_id{"e"}});
    EXPECT_EQ(found("SH0W2026"), "");
}

// The embedded store tells of its polls by their random ids after a restart.
TEST(Catalog, Keeps_polls_by_age_in_whatever_order_it_hears_of_them) {
    const auto made_at = [](const char* id, int second) {
        domain::poll p = *poll(id, "e");
        p.created_at = base::wall_time{std::chrono::seconds{second}};
        return std::make_shared<const domain::poll>(p);
    };
    catalog known;
    known.apply(event("e", "CODE34"));
    for (const auto& p : {made_at("a", 3), made_at("c", 1), made_at("b", 2)}) known.apply(p);
    const auto polls = known.polls_of(base::event_id{"e"});
    ASSERT_EQ(polls.size(), 3u);
    EXPECT_EQ(polls[0]->id.str() + polls[1]->id.str() + polls[2]->id.str(), "cba");
}

TEST(Catalog, Keeps_polls_by_position_before_age_also_when_one_moves) {
    const auto at = [](const char* id, std::uint32_t position, std::uint32_t revision = 1) {
        domain::poll p = *poll(id, "e", revision);
        p.position = position;
        return std::make_shared<const domain::poll>(p);
    };
    const auto order = [](const catalog& known) {
        std::string ids;
        for (const auto& p : known.polls_of(base::event_id{"e"})) ids += p->id.str();
        return ids;
    };
    catalog known;
    known.apply(event("e", "CODE34"));
    for (const auto& p : {at("a", 3), at("b", 1), at("c", 2)}) known.apply(p);
    EXPECT_EQ(order(known), "bca");
    known.apply(at("b", 9, 2));
    EXPECT_EQ(order(known), "cab");
    known.apply(at("a", 9, 2));
    EXPECT_EQ(order(known), "cab");  // equal positions: by age, then id
}

TEST(Catalog, Keeps_the_newest_of_each_poll) {
    catalog known;
    known.apply(event("e", "CODE34"));
    known.apply(poll("p1", "e"));
    known.apply(poll("p2", "e"));
    known.apply(poll("p1", "e", 2));
    const auto polls = known.polls_of(base::event_id{"e"});
    ASSERT_EQ(polls.size(), 2u);
    EXPECT_EQ(polls[0]->id.str(), "p1");
    EXPECT_EQ(polls[0]->revision, 2u);
}

TEST(Catalog, Removing_an_event_takes_its_code_and_polls_along) {
    catalog known;
    known.apply(event("e", "CODE34"));
    known.apply(poll("p", "e"));
    known.apply(ports::event_removed{base::event_id{"e"}});
    EXPECT_FALSE(known.event(base::event_id{"e"}));
    EXPECT_FALSE(known.event_with_code("CODE34"));
    EXPECT_FALSE(known.poll(base::poll_id{"p"}));
    EXPECT_TRUE(known.polls_of(base::event_id{"e"}).empty());
}

TEST(Catalog, A_removed_poll_is_gone_from_its_event) {
    catalog known;
    known.apply(event("e", "CODE34"));
    known.apply(poll("p", "e"));
    known.apply(ports::poll_removed{base::poll_id{"p"}, base::event_id{"e"}});
    EXPECT_FALSE(known.poll(base::poll_id{"p"}));
    EXPECT_TRUE(known.polls_of(base::event_id{"e"}).empty());
}

TEST(Catalog, A_removed_key_is_dead_and_others_live) {
    catalog known;
    for (const char* name : {"k1", "k2"}) {
        domain::host_key key;
        key.id = base::key_id{name};
        key.tenant = base::tenant_id{"t"};
        key.hash = std::string("hash of ") + name;
        known.apply(std::make_shared<const domain::host_key>(key));
    }
    known.apply(ports::key_removed{base::key_id{"k1"}});
    EXPECT_FALSE(known.key_with_hash("hash of k1"));
    EXPECT_TRUE(known.key_with_hash("hash of k2"));
    EXPECT_EQ(known.keys_of(base::tenant_id{"t"}).size(), 1u);
}

TEST(Catalog, Results_never_go_back) {
    catalog known;
    domain::poll poll;
    poll.id = base::poll_id{"p"};
    poll.event = base::event_id{"e"};
    known.apply(std::make_shared<const domain::poll>(poll));
    const auto told = [&](std::uint32_t round, std::uint64_t version) {
        return std::make_shared<const domain::results>(
            domain::results{poll.id,
                            poll.event,
                            round,
                            domain::poll_status::open,
                            version,
                            false,
                            domain::tally(poll.definition),
                            poll.definition,
                            {}});
    };
    known.apply(told(1, 5));
    known.learn(*told(1, 8));
    known.apply(told(1, 7));
    EXPECT_EQ(known.results(poll.id)->version, 8u);
    known.apply(told(2, 1));
    EXPECT_EQ(known.results(poll.id)->round, 2u);
    known.learn(*told(1, 9));
    EXPECT_EQ(known.results(poll.id)->round, 2u) << "of the round before";
}

TEST(Catalog, What_nobody_told_it_is_null) {
    const catalog known;
    EXPECT_FALSE(known.tenant(base::tenant_id{"x"}));
    EXPECT_FALSE(known.event(base::event_id{"x"}));
    EXPECT_FALSE(known.poll(base::poll_id{"x"}));
    EXPECT_FALSE(known.results(base::poll_id{"x"}));
    EXPECT_FALSE(known.key_with_hash("x"));
}

}  // namespace
}  // namespace tallycast::app
