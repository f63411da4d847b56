#include <tallycast/domain/patch.hpp>

#include <utility>

namespace tallycast::domain {

namespace {

template <class Value>
void put(Value& into, const std::optional<Value>& value) {
    if (value) into = *value;
}

}  // namespace

rules patched(rules r, const rules_patch& patch) {
    put(r.min_choices, patch.min_choices);
    put(r.max_choices, patch.max_choices);
    put(r.allow_change, patch.allow_change);
    put(r.scale, patch.scale);
    return r;
}

event_settings patched(event_settings s, const settings_patch& patch) {
    put(s.locale, patch.locale);
    put(s.accent, patch.accent);
    put(s.logo, patch.logo);
    return s;
}

quotas patched(quotas q, const quotas_patch& patch) {
    put(q.events, patch.events);
    put(q.polls_per_event, patch.polls_per_event);
    put(q.voters_per_event, patch.voters_per_event);
    return q;
}

poll_definition patched(poll_definition d, const poll_patch& patch) {
    put(d.type, patch.type);
    put(d.question, patch.question);
    put(d.options, patch.options);
    d.rules = patched(d.rules, patch.rules);
    put(d.results, patch.results);
    put(d.opens_at, patch.opens_at);
    put(d.closes_at, patch.closes_at);
    put(d.grace, patch.grace);
    return d;
}

base::result<poll> patched(const poll& before, const poll_patch& patch, bool round_has_votes) {
    // Of a draft nobody has seen an option yet.
    const bool was_seen = before.status != poll_status::draft;
    auto definition = checked(patched(before.definition, patch),
                              was_seen ? before.definition.options : std::vector<option>{});
    if (!definition) return definition.error();
    const auto position = patch.position.value_or(before.position);
    if (*definition == before.definition && position == before.position) return before;
    if (patch.revision && *patch.revision != before.revision)
        return base::failure(base::errc::poll_changed,
                             "The poll has changed since. Look at it again.");
    const bool new_meaning = changes_ballots(before.definition, *definition);
    if (round_has_votes && new_meaning)
        return base::failure(base::errc::poll_has_votes,
                             "Options and rules are fixed once there are votes.");
    auto after = before;
    after.definition = std::move(*definition);
    after.position = position;
    ++after.revision;
    if (new_meaning) after.ballot_revision = after.revision;
    return after;
}

event patched(event e, const event_patch& patch) {
    const auto before = e;
    put(e.title, patch.title);
    put(e.code, patch.code);
    e.settings = patched(e.settings, patch.settings);
    const bool same =
        e.title == before.title && e.code == before.code && e.settings == before.settings;
    if (!same) ++e.revision;
    return e;
}

tenant patched(tenant t, const tenant_patch& patch) {
    put(t.name, patch.name);
    t.quotas = patched(t.quotas, patch.quotas);
    return t;
}

}  // namespace tallycast::domain
