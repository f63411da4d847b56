#pragma once
// What may be changed of a poll, an event and a tenant, and what comes of it: what a patch leaves
// out stays, also inside of rules, settings and quotas. Pure, so that every store changes alike.

#include <tallycast/base/error.hpp>
#include <tallycast/domain/event.hpp>
#include <tallycast/domain/poll.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tallycast::domain {

// As in `rules`, 0 choices and no scale are for checked() to fill.
struct rules_patch {
    std::optional<std::uint8_t> min_choices;
    std::optional<std::uint8_t> max_choices;
    std::optional<bool> allow_change;
    std::optional<std::optional<std::uint8_t>> scale;
    friend bool operator==(const rules_patch&, const rules_patch&) = default;
};

// Options are replaced as a whole; a null time is cleared.
struct poll_patch {
    std::optional<poll_type> type;
    std::optional<std::string> question;
    std::optional<std::vector<option>> options;
    rules_patch rules;
    std::optional<visibility> results;
    std::optional<std::optional<base::wall_time>> opens_at;
    std::optional<std::optional<base::wall_time>> closes_at;
    std::optional<base::milliseconds> grace;
    std::optional<std::uint32_t> position;  // no part of what ballots mean: always free to change
    std::optional<std::uint32_t> revision;  // that the poll must have for it to be changed
    friend bool operator==(const poll_patch&, const poll_patch&) = default;
};

struct settings_patch {
    std::optional<std::string> locale;
    std::optional<std::string> accent;
    std::optional<std::string> logo;
    friend bool operator==(const settings_patch&, const settings_patch&) = default;
};

struct event_patch {
    std::optional<std::string> title;
    std::optional<std::string> code;
    settings_patch settings;
    friend bool operator==(const event_patch&, const event_patch&) = default;
};

struct quotas_patch {
    std::optional<std::uint32_t> events;
    std::optional<std::uint32_t> polls_per_event;
    std::optional<std::uint64_t> voters_per_event;
    friend bool operator==(const quotas_patch&, const quotas_patch&) = default;
};

struct tenant_patch {
    std::optional<std::string> name;
    quotas_patch quotas;
    friend bool operator==(const tenant_patch&, const tenant_patch&) = default;
};

rules patched(rules before, const rules_patch& patch);
event_settings patched(event_settings before, const settings_patch& patch);
quotas patched(quotas before, const quotas_patch& patch);

// Not checked yet.
poll_definition patched(poll_definition before, const poll_patch& patch);

// The poll with the next revision; the same, unchanged, when the patch says nothing new.
// invalid_request as of checked(); poll_changed when it is not as the patch expects it;
// poll_has_votes when it changes what ballots mean and the current round has, or had, votes.
base::result<poll> patched(const poll& before, const poll_patch& patch, bool round_has_votes);

// The event with the next revision; the same when the patch says nothing new. Whether the code is
// free is for the caller to know.
event patched(event before, const event_patch& patch);

tenant patched(tenant before, const tenant_patch& patch);

}  // namespace tallycast::domain
