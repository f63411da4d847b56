// Tenants, keys, events and polls: what may be written, what is refused, and what goes with what.

#include <contract/stores.hpp>

namespace tallycast::test {

namespace {

using base::errc;
using domain::poll_status;
using domain::transition;
using domain::verdict;

class definitions_of_a_store : public store_contract {
protected:
    void set_quotas(domain::quotas quotas) {
        ports::tenant_patch patch;
        patch.quotas = {quotas.events, quotas.polls_per_event, quotas.voters_per_event};
        ASSERT_TRUE(answer_of(polls().change_tenant(base::tenant_id("tenant"), patch)));
    }
};

INSTANTIATE_TEST_SUITE_P(stores, definitions_of_a_store, ::testing::ValuesIn(store_kinds()),
                         [](const auto& kind) { return kind.param.name; });

TEST_P(definitions_of_a_store, Poll_closes_by_itself_at_the_exact_millisecond) {
    auto p = a_poll();
    p.definition.grace = base::milliseconds(250);
    open(p);
    ports::poll_patch patch;
    const auto closes_at = clock().wall() + base::milliseconds(1000);
    patch.closes_at = closes_at;
    ASSERT_TRUE(answer_of(polls().change_poll(the_poll, patch)));

    clock().advance(base::milliseconds(1249));
    EXPECT_EQ(cast_one(a_vote(1, 1)).what, verdict::counted);
    clock().advance(base::milliseconds(1));
    const auto late = cast_one(a_vote(2, 1));
    EXPECT_EQ(late.what, verdict::closed);
    ASSERT_TRUE(late.closed_at);
    EXPECT_EQ(*late.closed_at, closes_at + base::milliseconds(250));
    const auto shown = final_results();
    EXPECT_EQ(shown.status, poll_status::closed);
    EXPECT_EQ(shown.tally.voters(), 1u);
    expect_balance();
}

TEST_P(definitions_of_a_store, Open_with_a_duration_sets_the_end) {
    add(a_poll());
    const auto opened = move(transition::open, base::milliseconds(2000));
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->definition.closes_at, clock().wall() + base::milliseconds(2000));
    clock().advance(base::milliseconds(1999));
    EXPECT_EQ(cast_one(a_vote(1, 1)).what, verdict::counted);
    clock().advance(base::milliseconds(1));
    EXPECT_EQ(cast_one(a_vote(2, 1)).what, verdict::closed);
}

TEST_P(definitions_of_a_store, Poll_opens_by_itself_when_its_time_has_come) {
    auto p = a_poll();
    p.definition.opens_at = clock().wall() + base::milliseconds(500);
    add(p);
    EXPECT_EQ(cast_one(a_vote(1, 1)).what, verdict::not_open);
    clock().advance(base::milliseconds(500));
    EXPECT_EQ(cast_one(a_vote(1, 1)).what, verdict::counted);
}

TEST_P(definitions_of_a_store, Poll_closes_on_time_although_nobody_calls) {
    add(a_poll());
    ASSERT_TRUE(move(transition::open, base::milliseconds(1000)));
    clock().advance(base::milliseconds(1000));
    EXPECT_TRUE(changes().wait_until([](const std::vector<ports::change>& told) {
        const auto* last = std::get_if<std::shared_ptr<const domain::results>>(&told.back());
        return last && (*last)->final;
    }));
}

TEST_P(definitions_of_a_store, Repeated_step_changes_nothing) {
    open(a_poll());
    const auto once = move(transition::close);
    clock().advance(base::milliseconds(10));
    const auto twice = move(transition::close);
    ASSERT_TRUE(once);
    ASSERT_TRUE(twice);
    EXPECT_EQ(once->revision, twice->revision);
    EXPECT_EQ(once->closed_at, twice->closed_at);
}

TEST_P(definitions_of_a_store, Position_moves_at_any_time_and_touches_nothing_else) {
    open(a_poll());
    cast_one(a_vote(1, 1));
    ports::poll_patch patch;
    patch.position = 7;
    const auto moved = answer_of(polls().change_poll(the_poll, patch));
    ASSERT_TRUE(moved);
    EXPECT_EQ(moved->position, 7u);
    EXPECT_EQ(results().tally.voters(), 1u);
    const auto again = answer_of(polls().change_poll(the_poll, patch));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->revision, moved->revision);
    EXPECT_EQ(move(transition::close)->position, 7u);
}

TEST_P(definitions_of_a_store, Patch_of_a_poll_that_has_changed_since_is_refused) {
    add(a_poll());
    ports::poll_patch first;
    first.position = 7;
    first.revision = answer_of(polls().change_poll(the_poll, first))->revision;
    first.question = "Of one desk?";
    auto second = first;
    second.question = "Of another?";
    const auto changed = answer_of(polls().change_poll(the_poll, first));
    ASSERT_TRUE(changed);
    EXPECT_EQ(answer_of(polls().change_poll(the_poll, second)).error().code, errc::poll_changed);
    EXPECT_EQ(answer_of(polls().change_poll(the_poll, first))->revision, changed->revision)
        << "sent again, it is still done";
    second.revision = changed->revision;
    EXPECT_EQ(answer_of(polls().change_poll(the_poll, second))->definition.question, "Of another?");
}

TEST_P(definitions_of_a_store, Impossible_step_is_refused) {
    add(a_poll());
    const auto refused = move(transition::pause);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::invalid_transition);
    EXPECT_EQ(move(transition::open, {}, "nowhere").error().code, errc::poll_not_found);
}

TEST_P(definitions_of_a_store, Closed_poll_reopens_the_same_round) {
    open(a_poll());
    cast_one(a_vote(1, 1));
    ASSERT_TRUE(move(transition::close));
    ASSERT_TRUE(move(transition::open));
    EXPECT_EQ(cast_one(a_vote(2, 1)).what, verdict::counted);
    EXPECT_EQ(results().tally.voters(), 2u);
    EXPECT_EQ(results().round, 1u);
}

TEST_P(definitions_of_a_store, Reset_begins_a_new_round_and_the_old_one_stays_readable) {
    open(a_poll());
    cast({a_vote(1, 1), a_vote(2, 2)});
    const auto before = results();
    ASSERT_TRUE(move(transition::reset));
    EXPECT_EQ(results().round, 2u);
    EXPECT_EQ(results().tally.voters(), 0u);
    EXPECT_GT(results().version, before.version);
    EXPECT_EQ(cast_one(a_vote(1, 3)).what, verdict::counted);

    const auto old = results(1);
    EXPECT_EQ(old.tally, before.tally);
    EXPECT_TRUE(old.final);
    EXPECT_EQ(ledger(1).counted, 2u);
    EXPECT_EQ(ledger(2).counted, 1u);
    expect_balance(1);
    expect_balance(2);
    EXPECT_EQ(answer_of(votes().results(the_poll, 3)).error().code, errc::round_not_found);
    EXPECT_EQ(answer_of(votes().ledger(the_poll, 3)).error().code, errc::round_not_found);
    EXPECT_EQ(answer_of(votes().ballots(the_poll, 3, {}, 10)).error().code, errc::round_not_found);
}

TEST_P(definitions_of_a_store, Round_without_votes_is_not_replaced) {
    open(a_poll());
    ASSERT_TRUE(move(transition::reset));
    EXPECT_EQ(results().round, 1u);
    EXPECT_EQ(cast_one(a_vote(1, 1)).what, verdict::counted);
}

TEST_P(definitions_of_a_store, Ballot_chosen_before_a_reset_is_stale_after_it) {
    const auto first = open(a_poll());
    const auto empty = move(transition::reset);
    ASSERT_TRUE(empty);
    EXPECT_EQ(empty->ballot_revision, empty->revision);
    EXPECT_EQ(cast_one(a_vote(1, 1, {}, first.revision)).what, verdict::stale);
    EXPECT_EQ(cast_one(a_vote(1, 1, {}, empty->revision)).what, verdict::counted);
    const auto next = move(transition::reset);
    ASSERT_TRUE(next);
    EXPECT_EQ(next->round, 2u);
    EXPECT_EQ(cast_one(a_vote(1, 1, {}, empty->revision)).what, verdict::stale);
    EXPECT_EQ(cast_one(a_vote(1, 1, {}, next->revision)).what, verdict::counted);
    EXPECT_EQ(results().tally.voters(), 1u);
    expect_balance();
}

TEST_P(definitions_of_a_store, Options_and_rules_are_fixed_from_the_first_vote_on) {
    open(a_changeable_poll());
    cast_one(a_vote(1, 1));
    ports::poll_patch patch;
    patch.options = std::vector<domain::option>{{"x", "Other"}, {"y", "Another"}};
    EXPECT_EQ(answer_of(polls().change_poll(the_poll, patch)).error().code, errc::poll_has_votes);
    cast_one(a_withdrawal(1));
    EXPECT_EQ(answer_of(polls().change_poll(the_poll, patch)).error().code, errc::poll_has_votes);
    ASSERT_TRUE(move(transition::reset));
    const auto changed = answer_of(polls().change_poll(the_poll, patch));
    ASSERT_TRUE(changed) << changed.error().detail;
    EXPECT_EQ(cast_one(a_vote(1, 2)).what, verdict::counted);
    EXPECT_EQ(results(1).definition.options.size(), 3u);
    EXPECT_EQ(results(2).definition.options.size(), 2u);
    EXPECT_EQ(results(2).tally.per_option(), (std::vector<std::uint64_t>{0, 1}));
    expect_balance(2);
}

TEST_P(definitions_of_a_store, Patch_of_one_rule_keeps_the_others) {
    auto p = a_poll();
    p.definition.type = domain::poll_type::multiple;
    p.definition.rules = {.min_choices = 2, .max_choices = 3, .allow_change = false, .scale = {}};
    add(p);
    ports::poll_patch patch;
    patch.rules.allow_change = true;
    const auto changed = answer_of(polls().change_poll(the_poll, patch));
    ASSERT_TRUE(changed) << changed.error().detail;
    EXPECT_EQ(changed->definition.rules, (domain::rules{2, 3, true, std::nullopt}));
}

TEST_P(definitions_of_a_store, Patch_of_one_setting_keeps_the_others) {
    auto event = an_event("dressed", "WXY347");
    event.settings = {"de", "#3a44c4", "/logo.svg"};
    ASSERT_TRUE(answer_of(polls().add_event(event)));
    ports::event_patch patch;
    patch.settings.accent = "#ff0000";
    const auto after = answer_of(polls().change_event(event.id, patch));
    ASSERT_TRUE(after);
    EXPECT_EQ(after->settings, (domain::event_settings{"de", "#ff0000", "/logo.svg"}));
}

TEST_P(definitions_of_a_store, Patch_of_one_quota_keeps_the_others) {
    set_quotas({.events = 1, .polls_per_event = 2, .voters_per_event = 3});
    ports::tenant_patch patch;
    patch.quotas.voters_per_event = 10;
    const auto changed = answer_of(polls().change_tenant(base::tenant_id("tenant"), patch));
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->quotas, (domain::quotas{1, 2, 10}));
    EXPECT_EQ(answer_of(polls().take_numbers(the_event, 20))->count, 10u);
}

TEST_P(definitions_of_a_store, Patch_that_breaks_a_rule_is_refused) {
    add(a_poll());
    ports::poll_patch patch;
    patch.options = std::vector<domain::option>{{"a", "Only one"}};
    EXPECT_EQ(answer_of(polls().change_poll(the_poll, patch)).error().code, errc::invalid_request);
    EXPECT_EQ(answer_of(polls().change_poll(base::poll_id("nowhere"), {})).error().code,
              errc::poll_not_found);
}

TEST_P(definitions_of_a_store, Patch_that_changes_nothing_keeps_the_revision) {
    const auto before = add(a_poll());
    ports::poll_patch patch;
    patch.question = before.definition.question;
    const auto after = answer_of(polls().change_poll(the_poll, patch));
    ASSERT_TRUE(after);
    EXPECT_EQ(after->revision, before.revision);
}

TEST_P(definitions_of_a_store, Codes_are_unique_among_live_events) {
    EXPECT_EQ(answer_of(polls().add_event(an_event("second"))).error().code, errc::code_taken);
    ASSERT_TRUE(answer_of(polls().add_event(an_event("second", "WXY347"))));
    ports::event_patch patch;
    patch.code = "ACDFGH";
    EXPECT_EQ(answer_of(polls().change_event(base::event_id("second"), patch)).error().code,
              errc::code_taken);
    ASSERT_TRUE(answer_of(polls().remove_event(the_event)));
    const auto changed = answer_of(polls().change_event(base::event_id("second"), patch));
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->revision, 2u);
    EXPECT_TRUE(answer_of(polls().add_event(an_event("third", "WXY347"))))
        << "its code is free again";
}

TEST_P(definitions_of_a_store, Quotas_of_the_tenant_are_kept) {
    set_quotas({.events = 2, .polls_per_event = 1, .voters_per_event = 10});
    ASSERT_TRUE(answer_of(polls().add_event(an_event("second", "WXY347"))));
    EXPECT_EQ(answer_of(polls().add_event(an_event("third", "PQR347"))).error().code,
              errc::quota_exceeded);
    ASSERT_TRUE(answer_of(polls().remove_event(base::event_id("second"))));
    EXPECT_TRUE(answer_of(polls().add_event(an_event("third", "PQR347"))));

    add(a_poll());
    EXPECT_EQ(answer_of(polls().add_poll(a_poll("another"))).error().code, errc::quota_exceeded);

    const auto eight = answer_of(polls().take_numbers(the_event, 8));
    ASSERT_TRUE(eight);
    EXPECT_EQ(eight->first, 1u);
    EXPECT_EQ(eight->count, 8u);
    const auto rest = answer_of(polls().take_numbers(the_event, 8));
    ASSERT_TRUE(rest);
    EXPECT_EQ(rest->first, 9u);
    EXPECT_EQ(rest->count, 2u);
    EXPECT_EQ(answer_of(polls().take_numbers(the_event, 1)).error().code, errc::quota_exceeded);
    EXPECT_EQ(answer_of(polls().take_numbers(base::event_id("nowhere"), 1)).error().code,
              errc::event_not_found);
}

TEST_P(definitions_of_a_store, Same_key_added_twice_is_one_key) {
    const domain::host_key key{.id = base::key_id("k1"),
                               .tenant = base::tenant_id("tenant"),
                               .hash = "00ff",
                               .prefix = "tck_ab",
                               .label = "desk",
                               .created_at = {}};
    auto again = key;
    again.id = base::key_id("k2");
    ASSERT_TRUE(answer_of(polls().add_key(key)));
    const auto known = answer_of(polls().add_key(again));
    ASSERT_TRUE(known);
    EXPECT_EQ(known->id, key.id);
    EXPECT_EQ(answer_of(polls().remove_key(base::tenant_id("other"), key.id)).error().code,
              errc::key_not_found);
    ASSERT_TRUE(answer_of(polls().remove_key(key.tenant, key.id)));
    EXPECT_EQ(answer_of(polls().remove_key(key.tenant, key.id)).error().code, errc::key_not_found);
    EXPECT_EQ(answer_of(polls().add_key(again))->id, again.id);
}

TEST_P(definitions_of_a_store, What_belongs_to_nobody_is_refused) {
    EXPECT_EQ(answer_of(polls().add_event(an_event("e", "WXY347", "nobody"))).error().code,
              errc::tenant_not_found);
    EXPECT_EQ(answer_of(polls().add_poll(a_poll("p", "nowhere"))).error().code,
              errc::event_not_found);
    EXPECT_EQ(answer_of(polls().change_event(base::event_id("nowhere"), {})).error().code,
              errc::event_not_found);
    EXPECT_EQ(answer_of(polls().change_tenant(base::tenant_id("nobody"), {})).error().code,
              errc::tenant_not_found);
    EXPECT_EQ(answer_of(polls().remove_tenant(base::tenant_id("nobody"))).error().code,
              errc::tenant_not_found);
}

TEST_P(definitions_of_a_store, Removed_event_takes_its_polls_and_votes_along) {
    open(a_poll());
    cast_one(a_vote(1, 1));
    ASSERT_TRUE(answer_of(polls().remove_event(the_event)));
    EXPECT_EQ(answer_of(polls().remove_event(the_event)).error().code, errc::event_not_found);
    EXPECT_EQ(cast_one(a_vote(2, 1)).what, verdict::not_found);
    EXPECT_EQ(answer_of(votes().results(the_poll, 0)).error().code, errc::poll_not_found);

    ASSERT_TRUE(answer_of(polls().add_event(an_event())));
    open(a_poll());
    EXPECT_EQ(results().tally.voters(), 0u) << "a poll of the same id begins empty";
    EXPECT_EQ(answer_of(polls().take_numbers(the_event, 1))->first, 1u);
}

TEST_P(definitions_of_a_store, Removed_tenant_takes_everything_along) {
    open(a_poll());
    cast_one(a_vote(1, 1));
    ASSERT_TRUE(answer_of(polls().remove_tenant(base::tenant_id("tenant"))));
    EXPECT_EQ(cast_one(a_vote(2, 1)).what, verdict::not_found);
    EXPECT_EQ(answer_of(polls().take_numbers(the_event, 1)).error().code, errc::event_not_found);
    EXPECT_EQ(answer_of(polls().add_event(an_event())).error().code, errc::tenant_not_found);
}

TEST_P(definitions_of_a_store, Removed_poll_is_gone_for_votes_under_way_later) {
    open(a_poll());
    ASSERT_TRUE(answer_of(polls().remove_poll(the_poll)));
    EXPECT_EQ(answer_of(polls().remove_poll(the_poll)).error().code, errc::poll_not_found);
    EXPECT_EQ(cast_one(a_vote(1, 1)).what, verdict::not_found);
}

TEST_P(definitions_of_a_store, Secret_is_made_once_and_stays_the_same) {
    const auto first = answer_of(polls().secret());
    ASSERT_TRUE(first);
    EXPECT_EQ(first->size(), 32u);
    EXPECT_EQ(answer_of(polls().secret()).value(), *first);
    const auto other = GetParam().make();
    EXPECT_NE(answer_of(other->polls().secret()).value(), *first);
}

}  // namespace

}  // namespace tallycast::test
