#pragma once
// What is shown of a round: a copy of its tally at one version.

#include <tallycast/domain/poll.hpp>
#include <tallycast/domain/tally.hpp>

#include <cstdint>

namespace tallycast::domain {

struct results {
    base::poll_id poll;
    base::event_id event;
    std::uint32_t round = 1;
    poll_status status = poll_status::draft;
    std::uint64_t version = 0;
    bool final = false;
    domain::tally tally;
    poll_definition definition;
    base::wall_time at{};
};

enum class viewer : std::uint8_t { host, voted, other };

// Whether results may be shown to this viewer now.
inline bool visible(visibility rule, poll_status status, viewer who) {
    if (who == viewer::host) return true;
    const bool over = status == poll_status::closed || status == poll_status::archived;
    switch (rule) {
        case visibility::always: return true;
        case visibility::after_vote: return who == viewer::voted || over;
        case visibility::after_close: return over;
        case visibility::never: return false;
    }
    return false;
}

}  // namespace tallycast::domain
