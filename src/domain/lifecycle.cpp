#include <tallycast/domain/lifecycle.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace tallycast::domain {

namespace {

constexpr base::milliseconds longest_duration = std::chrono::days{31};

base::failure invalid_step(const poll& p, std::string_view what) {
    return {base::errc::invalid_transition, "A poll that is " + std::string(name(p.status)) +
                                                " cannot be " + std::string(what) + "."};
}

poll revised(poll p) {
    ++p.revision;
    return p;
}

base::result<poll> opened(const poll& before, const transition_options& options,
                          base::wall_time now) {
    if (before.status == poll_status::archived) return invalid_step(before, "opened");
    if (options.duration &&
        (*options.duration < base::milliseconds{1} || *options.duration > longest_duration))
        return base::failure{base::errc::invalid_request, "duration_ms: 1 ms to 31 days."};
    if (before.status == poll_status::open && !options.duration) return before;
    poll after = revised(before);
    after.status = poll_status::open;
    after.closed_at.reset();
    // Who goes on after a pause is where they were; who opens again leads the audience back there.
    if (before.status != poll_status::paused && before.status != poll_status::open)
        after.opened_at = now;
    auto& d = after.definition;
    if (options.duration) d.closes_at = now + *options.duration;
    if (d.closes_at && *d.closes_at <= now) d.closes_at.reset();
    if (d.opens_at && *d.opens_at > now) d.opens_at.reset();
    return after;
}

base::result<poll> moved(const poll& before, poll_status to, std::string_view what) {
    const bool running = before.status == poll_status::open || before.status == poll_status::paused;
    if (before.status == to) return before;
    const bool allowed =
        to == poll_status::archived ? before.status == poll_status::closed : running;
    if (!allowed) return invalid_step(before, what);
    poll after = revised(before);
    after.status = to;
    return after;
}

}  // namespace

base::result<poll> step(const poll& given, transition what, const transition_options& options,
                        base::wall_time now) {
    const poll before = due(given, now).value_or(given);
    switch (what) {
        case transition::open: return opened(before, options, now);
        case transition::pause: return moved(before, poll_status::paused, "paused");
        case transition::archive: return moved(before, poll_status::archived, "archived");
        case transition::close: {
            auto after = moved(before, poll_status::closed, "closed");
            if (after && after->revision != before.revision) after->closed_at = now;
            return after;
        }
        case transition::reset: {
            if (before.status == poll_status::archived) return invalid_step(before, "reset");
            poll after = revised(before);
            // What is still on its way was meant for what was asked before.
            after.ballot_revision = after.revision;
            if (options.round_has_votes) ++after.round;
            return after;
        }
    }
    return invalid_step(before, "moved so");
}

std::optional<base::wall_time> deadline(const poll& p) {
    if (!p.definition.closes_at) return std::nullopt;
    return *p.definition.closes_at + p.definition.grace;
}

std::optional<poll> due(const poll& p, base::wall_time now) {
    const auto at = next_due(p);
    if (!at || *at > now) return std::nullopt;
    poll after = revised(p);
    if (p.status == poll_status::draft) {
        after.status = poll_status::open;
        after.opened_at = *at;
        // Nobody looked while it was open: it opens and closes in one step.
        const auto end = deadline(after);
        if (!end || *end > now) return after;
    }
    after.status = poll_status::closed;
    after.closed_at = deadline(after);
    return after;
}

std::optional<base::wall_time> next_due(const poll& p) {
    switch (p.status) {
        case poll_status::draft: return p.definition.opens_at;
        case poll_status::open:
        case poll_status::paused: return deadline(p);
        default: return std::nullopt;
    }
}

std::optional<transition> transition_of(std::string_view wanted) {
    constexpr std::array<std::pair<std::string_view, transition>, 5> names{
        {{"open", transition::open},
         {"pause", transition::pause},
         {"close", transition::close},
         {"reset", transition::reset},
         {"archive", transition::archive}}};
    for (const auto& [n, t] : names)
        if (n == wanted) return t;
    return std::nullopt;
}

}  // namespace tallycast::domain
