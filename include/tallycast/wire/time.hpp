#pragma once
// Times on the wire: RFC 3339, UTC, milliseconds, years 0000 to 9999.

#include <tallycast/base/time.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace tallycast::wire {

// "2026-01-01T20:00:00.000Z"; a time outside the years a four-digit date can name becomes the
// nearest that can.
void append_rfc3339(std::string& out, base::wall_time t);
std::string rfc3339(base::wall_time t);

// Any offset (−23:59 to +23:59) and 1 to 9 digits of a second; digits past the third are cut off.
// 'T' and 'Z' in either case; a leap second (:60) counts as the second after. nullopt for all else.
std::optional<base::wall_time> parse_rfc3339(std::string_view text);

}  // namespace tallycast::wire
