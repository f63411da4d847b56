#include <tallycast/domain/patch.hpp>

#include <unit/domain/polls.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>

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

TEST(Patch, Of_a_poll_that_is_not_as_it_was_seen_changes_nothing) {
    const auto before = a_poll(accepted(a_definition()));  // of revision 7
    poll_patch patch;
    patch.revision = 6;
    patch.question = "Which?";
    EXPECT_EQ(patched(before, patch, false).error().code, errc::poll_changed);
    patch.revision = 7;
    EXPECT_EQ(patched(before, patch, false)->definition.question, "Which?");
    patch.revision = 6;
    patch.question = before.definition.question;
    EXPECT_EQ(patched(before, patch, false)->revision, 7u) << "as the poll is, it is wanted";
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

TEST(Patch, Of_texts_leaves_ballots_their_meaning_and_one_of_options_does_not) {
    const auto before = a_poll(accepted(a_definition()));
    poll_patch patch;
    patch.question = "Which?";
    EXPECT_EQ(patched(before, patch, true)->ballot_revision, 1u);
    patch.options = {{"a", "One"}, {"b", "Other"}};
    EXPECT_EQ(patched(before, patch, false)->ballot_revision, 8u);
}

std::string ids_of(const base::result<poll>& p) {
    std::string ids;
    for (const auto& o : p->definition.options) ids += o.id + ' ';
    return ids;
}

TEST(Patch, New_label_gets_no_id_that_another_one_had) {
    auto before = a_poll(accepted(a_definition()));  // a, b, c: Act 0, 1, 2
    before.status = poll_status::open;
    poll_patch patch;
    patch.options = {{"a", "Act 0"}, {"b", "Act 1"}, {"", "Nobody"}};
    EXPECT_EQ(ids_of(patched(before, patch, false)), "a b d ");
    patch.options = {{"", "Nobody"}, {"", "Act 2"}, {"", "Act 0"}};
    EXPECT_EQ(ids_of(patched(before, patch, false)), "d c a ");
    patch.options = {{"c", "Act 0"}, {"", "Act 2"}};  // as the host says
    EXPECT_EQ(ids_of(patched(before, patch, false)), "c d ");
}

TEST(Patch, Same_labels_without_ids_say_nothing_new) {
    auto before = a_poll(accepted(a_definition()));
    before.status = poll_status::open;
    poll_patch patch;
    patch.options = a_definition().options;
    EXPECT_EQ(patched(before, patch, true)->revision, 7u);
}

TEST(Patch, Draft_which_nobody_has_seen_begins_its_ids_anew) {
    poll_patch patch;
    patch.options = {{"", "One"}, {"", "Other"}};
    EXPECT_EQ(ids_of(patched(a_poll(accepted(a_definition())), patch, false)), "a b ");
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
