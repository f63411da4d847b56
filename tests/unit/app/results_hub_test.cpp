#include <tallycast/app/results_hub.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

namespace tallycast::app {
namespace {

using namespace std::chrono_literals;
using base::mono_time;
using base::poll_id;
using domain::poll_status;
using domain::viewer;
using domain::visibility;

const poll_id act{"act"};
const poll_id song{"song"};
const mono_time start{1h};

broadcast_ptr results_of(const poll_id& poll, std::uint64_t version,
                         visibility rule = visibility::always,
                         poll_status status = poll_status::open) {
    return std::make_shared<broadcast>(
        broadcast{poll, broadcast_kind::results, version, rule, status, "", ""});
}

broadcast_ptr change_of(const poll_id& poll, std::uint64_t revision,
                        visibility rule = visibility::always,
                        poll_status status = poll_status::open) {
    return std::make_shared<broadcast>(
        broadcast{poll, broadcast_kind::poll, revision, rule, status, "", ""});
}

class Results_hub : public testing::Test {
protected:
    using ids = std::vector<subscriber_id>;

    ids publish(broadcast_ptr message, mono_time now = start) {
        ids told;
        hub.publish(std::move(message), now, [&](subscriber_id id) { told.push_back(id); });
        return told;
    }
    ids flush(mono_time now) {
        ids told;
        hub.flush(now, [&](subscriber_id id) { told.push_back(id); });
        return told;
    }
    subscriber_id subscriber_of(const poll_id& poll, subscription_options options = {}) {
        const auto id = hub.add();
        hub.subscribe(id, poll, options);
        return id;
    }
    // "poll 3", "results 812", or "" for nothing.
    std::string take(subscriber_id id, mono_time now = start) {
        const auto message = hub.take(id, now);
        if (!message) return "";
        return (message->kind == broadcast_kind::poll ? "poll " : "results ") +
               std::to_string(message->version);
    }

    results_hub hub{3};
};

TEST_F(Results_hub, Gives_a_new_subscriber_the_newest_at_once) {
    publish(results_of(act, 1));
    publish(results_of(act, 2));
    const auto id = subscriber_of(act);
    EXPECT_EQ(take(id), "results 2");
    EXPECT_EQ(take(id), "");
}

TEST_F(Results_hub, Tells_only_the_subscribers_of_the_poll) {
    const auto ann = subscriber_of(act);
    const auto bob = subscriber_of(song);
    EXPECT_EQ(publish(results_of(act, 1)), ids{ann});
    EXPECT_EQ(take(bob), "");
    EXPECT_EQ(take(ann), "results 1");
}

TEST_F(Results_hub, Gives_the_very_object_that_was_published) {
    const auto ann = subscriber_of(act);
    const auto bob = subscriber_of(act);
    const auto message = results_of(act, 1);
    publish(message);
    EXPECT_EQ(hub.take(ann, start), message);
    EXPECT_EQ(hub.take(bob, start), message);
}

TEST_F(Results_hub, Replaces_older_by_newer_while_a_slow_reader_writes) {
    const auto id = subscriber_of(act, {.max_hz = 20});
    publish(results_of(act, 1));
    EXPECT_EQ(take(id), "results 1");
    for (std::uint64_t version = 2; version <= 100; ++version)
        EXPECT_TRUE(publish(results_of(act, version)).empty());
    EXPECT_EQ(take(id, start + 1s), "results 100");
    EXPECT_EQ(take(id, start + 2s), "");
    EXPECT_EQ(hub.counts().superseded, 98u);
    EXPECT_EQ(hub.counts().taken, 2u);
}

TEST_F(Results_hub, Never_steps_back) {
    const auto id = subscriber_of(act);
    publish(results_of(act, 5));
    EXPECT_EQ(take(id), "results 5");
    EXPECT_EQ(take(id), "");
    EXPECT_TRUE(publish(results_of(act, 5), start + 1s).empty());
    EXPECT_TRUE(publish(results_of(act, 4), start + 1s).empty());
    EXPECT_EQ(take(id, start + 1s), "");
    EXPECT_EQ(hub.counts().outdated, 2u);
}

TEST_F(Results_hub, Gives_version_zero_too) {
    publish(results_of(act, 0));
    const auto id = subscriber_of(act);
    EXPECT_EQ(take(id), "results 0");
    EXPECT_EQ(take(id), "");
}

TEST_F(Results_hub, Gives_a_poll_change_before_the_results_of_that_poll) {
    const auto id = subscriber_of(act);
    publish(results_of(act, 7));
    publish(change_of(act, 2));
    EXPECT_EQ(take(id), "poll 2");
    EXPECT_EQ(take(id), "results 7");
}

TEST_F(Results_hub, Lets_polls_take_turns) {
    const auto id = subscriber_of(act, {.max_hz = 20});
    hub.subscribe(id, song, {.max_hz = 20});
    publish(results_of(act, 1));
    publish(results_of(song, 1001));
    EXPECT_EQ(take(id), "results 1");
    publish(results_of(act, 2));
    EXPECT_EQ(take(id, start + 1s), "results 1001");
    EXPECT_EQ(take(id, start + 1s), "results 2");
}

TEST_F(Results_hub, Slows_results_to_max_hz_and_tells_when_they_are_due) {
    const auto id = subscriber_of(act, {.max_hz = 2});
    publish(results_of(act, 1));
    EXPECT_EQ(take(id), "results 1");
    EXPECT_EQ(take(id), "");
    EXPECT_TRUE(publish(results_of(act, 2), start + 100ms).empty());
    EXPECT_TRUE(publish(results_of(act, 3), start + 200ms).empty());
    EXPECT_EQ(hub.next_due(id), start + 500ms);
    EXPECT_EQ(take(id, start + 499ms), "");
    EXPECT_TRUE(flush(start + 499ms).empty());
    EXPECT_EQ(flush(start + 500ms), ids{id});
    EXPECT_EQ(take(id, start + 500ms), "results 3");
    EXPECT_EQ(take(id, start + 500ms), "");
    EXPECT_TRUE(flush(start + 10s).empty());
}

TEST_F(Results_hub, Holds_back_what_came_while_a_reader_wrote_until_it_is_due) {
    const auto id = subscriber_of(act, {.max_hz = 2});
    publish(results_of(act, 1));
    EXPECT_EQ(take(id), "results 1");
    publish(results_of(act, 2), start + 100ms);
    EXPECT_EQ(take(id, start + 200ms), "") << "the write ended before the next one is due";
    EXPECT_EQ(flush(start + 500ms), ids{id});
    EXPECT_EQ(take(id, start + 500ms), "results 2");
}

TEST_F(Results_hub, Does_not_slow_poll_changes) {
    const auto id = subscriber_of(act, {.max_hz = 0.1});
    publish(results_of(act, 1));
    EXPECT_EQ(take(id), "results 1");
    EXPECT_EQ(take(id), "");
    EXPECT_EQ(publish(change_of(act, 1), start + 1ms), ids{id});
    EXPECT_EQ(take(id, start + 1ms), "poll 1");
    publish(change_of(act, 2), start + 2ms);
    EXPECT_EQ(take(id, start + 2ms), "poll 2");
}

TEST_F(Results_hub, Slows_everybody_to_what_the_node_allows_and_back) {
    const auto id = subscriber_of(act, {.max_hz = 10});
    publish(results_of(act, 1));
    EXPECT_EQ(take(id), "results 1");
    take(id);
    hub.slow_to(2);
    publish(results_of(act, 2), start + 100ms);
    EXPECT_EQ(take(id, start + 499ms), "");
    EXPECT_EQ(flush(start + 500ms), ids{id});
    EXPECT_EQ(take(id, start + 500ms), "results 2");
    take(id, start + 500ms);
    hub.slow_to(20);
    publish(results_of(act, 3), start + 600ms);
    EXPECT_EQ(take(id, start + 600ms), "results 3");
}

TEST_F(Results_hub, Cuts_max_hz_to_what_is_allowed) {
    const struct {
        double asked;
        base::milliseconds interval;
    } rates[] = {{0.1, 10s}, {20, 50ms}, {5, 200ms},         {1e9, 50ms},
                 {0, 10s},   {-3, 10s},  {std::nan(""), 10s}};
    for (const auto& rate : rates) {
        results_hub fresh;
        const auto id = fresh.add();
        fresh.subscribe(id, act, {.max_hz = rate.asked});
        fresh.publish(results_of(act, 1), start, [](subscriber_id) {});
        fresh.take(id, start);
        fresh.publish(results_of(act, 2), start, [](subscriber_id) {});
        EXPECT_EQ(fresh.next_due(id), start + rate.interval) << rate.asked;
    }
}

TEST_F(Results_hub, Does_not_call_a_busy_subscriber) {
    const auto id = subscriber_of(act, {.max_hz = 20});
    publish(results_of(act, 1));
    EXPECT_EQ(take(id), "results 1");
    EXPECT_TRUE(publish(results_of(act, 2), start + 1s).empty());
    EXPECT_TRUE(flush(start + 2s).empty());
    EXPECT_EQ(take(id, start + 2s), "results 2");
}

TEST_F(Results_hub, Shows_results_to_those_who_may_see_them) {
    const struct {
        visibility rule;
        poll_status status;
        bool host, voted, other;
    } cases[] = {
        {visibility::always, poll_status::open, true, true, true},
        {visibility::after_vote, poll_status::open, true, true, false},
        {visibility::after_vote, poll_status::closed, true, true, true},
        {visibility::after_close, poll_status::open, true, false, false},
        {visibility::after_close, poll_status::closed, true, true, true},
        {visibility::never, poll_status::closed, true, false, false},
        {visibility::always, poll_status::draft, true, false, false},
    };
    std::uint64_t version = 0;
    for (const auto& c : cases) {
        publish(results_of(act, ++version, c.rule, c.status));
        EXPECT_EQ(!take(subscriber_of(act, {.viewer = viewer::host})).empty(), c.host) << version;
        EXPECT_EQ(!take(subscriber_of(act, {.viewer = viewer::voted})).empty(), c.voted) << version;
        EXPECT_EQ(!take(subscriber_of(act, {.viewer = viewer::other})).empty(), c.other) << version;
    }
}

TEST_F(Results_hub, Shows_a_draft_to_its_host_alone) {
    publish(change_of(act, 1, visibility::always, poll_status::draft));
    EXPECT_EQ(take(subscriber_of(act)), "");
    EXPECT_EQ(take(subscriber_of(act, {.viewer = viewer::host})), "poll 1");
}

TEST_F(Results_hub, Shows_what_was_hidden_once_the_voter_has_voted) {
    publish(results_of(act, 3, visibility::after_vote));
    const auto id = subscriber_of(act);
    EXPECT_EQ(take(id), "");
    hub.set_viewer(id, act, viewer::voted);
    EXPECT_EQ(take(id), "results 3");
}

TEST_F(Results_hub, Follows_the_poll_when_its_host_changes_who_may_see) {
    publish(change_of(act, 1, visibility::never));
    publish(results_of(act, 1, visibility::never));
    const auto id = subscriber_of(act);
    EXPECT_EQ(take(id), "poll 1");
    EXPECT_EQ(take(id), "");
    publish(change_of(act, 2, visibility::always));
    EXPECT_EQ(take(id), "poll 2");
    EXPECT_EQ(take(id), "results 1") << "known before, shown now";
    publish(results_of(act, 2, visibility::always));
    publish(change_of(act, 3, visibility::never));
    EXPECT_EQ(take(id, start + 1s), "poll 3");
    EXPECT_EQ(take(id, start + 1s), "") << "hidden before it was taken";
}

TEST_F(Results_hub, Refuses_more_subscriptions_than_allowed) {
    const auto id = hub.add();
    for (const char* poll : {"1", "2", "3"})
        EXPECT_EQ(hub.subscribe(id, poll_id(poll)), subscribe_answer::added);
    EXPECT_EQ(hub.subscribe(id, poll_id("4")), subscribe_answer::full);
    EXPECT_EQ(hub.subscribe(id, poll_id("2")), subscribe_answer::renewed);
    EXPECT_TRUE(hub.unsubscribe(id, poll_id("1")));
    EXPECT_EQ(hub.subscribe(id, poll_id("4")), subscribe_answer::added);
    EXPECT_EQ(hub.subscriptions_of(id), 3u);
}

TEST_F(Results_hub, Gives_the_newest_once_more_when_a_subscription_is_renewed) {
    publish(results_of(act, 1));
    const auto id = subscriber_of(act, {.max_hz = 10});
    EXPECT_EQ(take(id), "results 1");
    hub.subscribe(id, act, {.max_hz = 20});
    EXPECT_EQ(take(id, start + 49ms), "") << "renewing is no way round max_hz";
    EXPECT_EQ(take(id, start + 50ms), "results 1");
}

TEST_F(Results_hub, Says_nothing_after_unsubscribing) {
    const auto id = subscriber_of(act);
    publish(results_of(act, 1));
    EXPECT_TRUE(hub.unsubscribe(id, act));
    EXPECT_FALSE(hub.unsubscribe(id, act));
    EXPECT_EQ(take(id), "");
    EXPECT_TRUE(publish(results_of(act, 2)).empty());
}

TEST_F(Results_hub, Tells_a_later_subscriber_of_a_place_from_the_one_who_left) {
    const auto ann = subscriber_of(act);
    publish(results_of(act, 1));
    hub.remove(ann);
    const auto bob = subscriber_of(act);
    EXPECT_EQ(bob.index, ann.index);
    EXPECT_NE(bob, ann);
    EXPECT_EQ(take(ann), "");
    hub.remove(ann);
    EXPECT_EQ(hub.subscribe(ann, song), subscribe_answer::full);
    EXPECT_EQ(take(bob), "results 1");
}

TEST_F(Results_hub, Does_not_call_those_who_were_removed_by_an_earlier_call) {
    const auto ann = subscriber_of(act);
    const auto bob = subscriber_of(act);
    int calls = 0;
    hub.publish(results_of(act, 1), start, [&](subscriber_id) {
        ++calls;
        hub.remove(ann);
        hub.remove(bob);
    });
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(hub.counts().subscriptions, 0u);
}

TEST_F(Results_hub, Has_marked_everybody_before_it_calls_anybody) {
    const auto ann = subscriber_of(act);
    const auto bob = subscriber_of(act);
    ids told;
    hub.publish(results_of(act, 1), start, [&](subscriber_id id) {
        told.push_back(id);
        EXPECT_EQ(take(ann), "results 1");
        EXPECT_EQ(take(bob), "results 1");
    });
    EXPECT_EQ(told.size(), 1u) << "the other one is busy by then";
}

TEST_F(Results_hub, Forgets_a_poll_with_all_its_subscriptions) {
    const auto id = subscriber_of(act);
    hub.subscribe(id, song);
    publish(results_of(act, 9));
    publish(results_of(song, 1));
    hub.forget(act);
    EXPECT_FALSE(hub.watched(act));
    EXPECT_TRUE(hub.watched(song));
    EXPECT_EQ(hub.newest(act, broadcast_kind::results), nullptr);
    EXPECT_EQ(take(id), "results 1");
    EXPECT_EQ(hub.counts().topics, 1u);
    hub.forget(poll_id("never heard of"));
}

TEST_F(Results_hub, Keeps_no_topic_that_nobody_watches_and_nothing_was_said_of) {
    const auto id = subscriber_of(act);
    EXPECT_EQ(hub.counts().topics, 1u);
    hub.remove(id);
    EXPECT_EQ(hub.counts().topics, 0u);
    publish(results_of(song, 1));
    hub.remove(subscriber_of(song));
    EXPECT_NE(hub.newest(song, broadcast_kind::results), nullptr);
}

}  // namespace
}  // namespace tallycast::app
