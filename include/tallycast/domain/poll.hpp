#pragma once
// What a poll is: its definition by the host, its place in life, and the rules a definition must
// keep. Plain values; a changed poll is a new value with the next revision.

#include <tallycast/base/error.hpp>
#include <tallycast/base/id.hpp>
#include <tallycast/base/time.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tallycast::domain {

enum class poll_type : std::uint8_t { single = 1, multiple, rating, ranking };
enum class poll_status : std::uint8_t { draft = 1, open, paused, closed, archived };
enum class visibility : std::uint8_t { always = 1, after_vote, after_close, never };

inline constexpr std::size_t max_options = 64;
inline constexpr std::size_t max_ranking_options = 12;
inline constexpr std::size_t max_label_characters = 500;
inline constexpr std::size_t max_label_bytes = 2000;
inline constexpr std::uint8_t max_scale = 10;
inline constexpr base::milliseconds max_grace{10'000};
inline constexpr std::uint32_t max_position = 1'000'000;

struct option {
    std::string id;
    std::string label;
    friend bool operator==(const option&, const option&) = default;
};

struct rules {
    std::uint8_t min_choices = 0;  // 0: left out, filled by checked()
    std::uint8_t max_choices = 0;
    bool allow_change = false;
    std::optional<std::uint8_t> scale;  // rating only: ballots are 1 to scale
    friend bool operator==(const rules&, const rules&) = default;
};

// What the host decides.
struct poll_definition {
    poll_type type = poll_type::single;
    std::string question;
    std::vector<option> options;  // empty for rating
    domain::rules rules;
    visibility results = visibility::always;
    std::optional<base::wall_time> opens_at;
    std::optional<base::wall_time> closes_at;
    base::milliseconds grace{0};  // added to closes_at
    friend bool operator==(const poll_definition&, const poll_definition&) = default;
};

struct poll {
    base::poll_id id;
    base::event_id event;
    base::tenant_id tenant;
    poll_definition definition;
    poll_status status = poll_status::draft;
    std::uint32_t round = 1;
    std::uint32_t revision = 1;  // of the poll as a whole; grows with every change of it
    // Since when its ballots mean what they mean: whoever chose under an earlier one chose among
    // other answers, or in another round.
    std::uint32_t ballot_revision = 1;
    std::uint16_t slices = 1;    // its voters are dealt over so many places; fixed by the store
    std::uint32_t position = 0;  // in its event's running order; equal ones stand by age
    base::wall_time created_at{};
    std::optional<base::wall_time> opened_at;
    std::optional<base::wall_time> closed_at;
};

// Whether `one` stands before `other` in their event.
bool stands_before(const poll& one, const poll& other);

// Checks every rule of a definition and fills what may be left out: option ids (a, b, c, ...), the
// scale of a rating (5), the number of choices of a ranking (all of them). Text is expected in NFC.
// Of `earlier`, options that voters may have seen, a label without an id gets back the id it had,
// and none that was another's. Fails with invalid_request and a detail that names the field.
base::result<poll_definition> checked(poll_definition definition,
                                      const std::vector<option>& earlier = {});

// Whether ballots of `before` would mean something else under `after`: type, options with
// their labels and order, or rules.
bool changes_ballots(const poll_definition& before, const poll_definition& after);

// The slice that decides this voter's ballots.
inline std::uint16_t slice_of(base::voter_number voter, std::uint16_t slices) {
    return static_cast<std::uint16_t>(voter.value % slices);
}

std::string_view name(poll_type type);
std::string_view name(poll_status status);
std::string_view name(visibility results);
std::optional<poll_status> poll_status_of(std::string_view name);
std::optional<poll_type> poll_type_of(std::string_view name);
std::optional<visibility> visibility_of(std::string_view name);

}  // namespace tallycast::domain
