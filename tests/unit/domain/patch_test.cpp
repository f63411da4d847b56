#include <tallycast/domain/patch.hpp>

#include <unit/domain/polls.hpp>

#include <gtest/gtest.h>

#include <optional>

namespace tallycast::domain {
namespace {

using base::errc;

poll a_poll(poll_definition definition) {
    poll p;
    p.definition = std::move(definition);
    p.revision = 7;
    return p;
}

TEST(Patch, Rule_left_out_stays) {
    const auto before = choosing(poll_type::multiple, 4, 2, 3);
    poll_patch patch;
    patch.rules.allow_change = true;
    EXPECT_EQ(patched(before, patch).rules, (rules{2, 3, true, std::nullopt}));
    patch.rules.max_choices = 4;
    EXPECT_EQ(patched(before, patch).rules, (rules{2, 4, true, std::nullopt}));
}

TEST(Patch, Number_of_choices_put_back_is_filled_as_in_a_new_poll) {
    poll_patch patch;
    patch.rules.min_choices = 0;
    patch.rules.max_choices = 0;
    const auto after = patched(a_poll(choosing(poll_type::multiple, 4, 2, 3)), patch, false);
    ASSERT_TRUE(after);
    EXPECT_EQ(after->definition.rules, (rules{1, 4, false, std::nullopt}));
}

TEST(Patch, Scale_is_told_apart_from_a_scale_put_back) {
    poll_patch patch;
    patch.question = "How was it?";
    EXPECT_EQ(patched(a_poll(rated_to(7)), patch, false)->definition.rules.scale, 7);
    patch.rules.scale = std::optional<std::uint8_t>{};
    EXPECT_EQ(patched(a_poll(rated_to(7)), patch, false)->definition.rules.scale, 5);
}

TEST(Patch, That_says_nothing_new_keeps_the_revision) {
    const auto before = a_poll(accepted(a_definition()));
    poll_patch patch;
    patch.question = before.definition.question;
    EXPECT_EQ(patched(before, patch, true)->revision, 7u);
    patch.question = "Which?";
    EXPECT_EQ(patched(before, patch, true)->revision, 8u);
}

TEST(Patch, What_ballots_mean_is_fixed_once_there_are_votes) {
    const auto before = a_poll(accepted(a_definition()));
    poll_patch patch;
    patch.rules.allow_change = true;
    EXPECT_EQ(patched(before, patch, true).error().code, errc::poll_has_votes);
    EXPECT_TRUE(patched(before, patch, false));
    patch.rules.allow_change = false;  // as it is
    EXPECT_TRUE(patched(before, patch, true));
}

TEST(Patch, That_breaks_a_rule_is_refused_whatever_stayed) {
    poll_patch patch;
    patch.options = {{"a", "One"}, {"b", "Other"}};
    const auto after = patched(a_poll(choosing(poll_type::multiple, 4, 1, 3)), patch, false);
    EXPECT_EQ(after.error().code, errc::invalid_request);
}

TEST(Patch, Event_keeps_its_settings_and_moves_on_only_when_something_changed) {
    event before;
    before.title = "Gala";
    before.settings.locale = "de";
    event_patch patch;
    patch.title = "Gala";
    EXPECT_EQ(patched(before, patch).revision, 1u);
    patch.code = "346790";
    const auto after = patched(before, patch);
    EXPECT_EQ(after.revision, 2u);
    EXPECT_EQ(after.code, "346790");
    EXPECT_EQ(after.settings.locale, "de");
    patch.settings.locale = "fr";
    EXPECT_EQ(patched(before, patch).settings.locale, "fr");
}

TEST(Patch, Quota_left_out_stays) {
    tenant before;
    before.quotas = {3, 4, 5};
    tenant_patch patch;
    patch.quotas.polls_per_event = 9;
    EXPECT_EQ(patched(before, patch).quotas, (quotas{3, 9, 5}));
}

}  // namespace
}  // namespace tallycast::domain
