#pragma once
// An event and polls of every type, and counted ballots of them, for the tests of what is written.

#include <tallycast/domain/ballot.hpp>
#include <tallycast/domain/event.hpp>
#include <tallycast/domain/poll.hpp>
#include <tallycast/domain/results.hpp>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace tallycast::samples {

inline base::wall_time at(int hour, int minute = 0) {
    return std::chrono::sys_days(std::chrono::year(2026) / 1 / 1) + std::chrono::hours(hour) +
           std::chrono::minutes(minute);
}

inline domain::event event(std::string title = "Gala") {
    domain::event e;
    e.id = base::event_id{"ev1"};
    e.tenant = base::tenant_id{"tn-secret"};
    e.title = std::move(title);
    e.code = "34679C";
    e.created_at = at(19);
    return e;
}

inline domain::poll poll(domain::poll_type type,
                         std::vector<std::string> labels = {"Blue", "Red", "Green"}) {
    domain::poll p;
    p.id = base::poll_id{"po1"};
    p.event = base::event_id{"ev1"};
    p.tenant = base::tenant_id{"tn-secret"};
    p.definition.type = type;
    p.definition.question = "Best act?";
    if (type != domain::poll_type::rating)
        for (auto& label : labels) p.definition.options.push_back({"", std::move(label)});
    p.definition.rules.min_choices = p.definition.rules.max_choices = 0;
    p.definition = domain::checked(p.definition).value();
    p.status = domain::poll_status::open;
    p.created_at = at(20);
    p.opened_at = at(20, 5);
    return p;
}

inline domain::ballot chosen(const domain::poll& p, std::vector<std::string_view> choices) {
    domain::ballot_form form;
    form.choices = choices;
    form.has_choices = true;
    return domain::ballot_from(p.definition, form).value();
}

inline domain::ballot rated(const domain::poll& p, std::int64_t rating) {
    domain::ballot_form form;
    form.rating = rating;
    return domain::ballot_from(p.definition, form).value();
}

inline domain::results results(const domain::poll& p, const std::vector<domain::ballot>& ballots) {
    domain::results r{p.id,         p.event,   2, p.status, 812, false, domain::tally{p.definition},
                      p.definition, at(20, 30)};
    for (const auto vote : ballots) r.tally.add(p.definition, vote);
    return r;
}

}  // namespace tallycast::samples
