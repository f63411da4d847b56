#pragma once
// What a log entry looks like; pure. The result is one line of valid UTF-8 without its newline,
// whatever bytes go in: controls are escaped, bytes that are no UTF-8 become U+FFFD.
//
//   json   {"@timestamp":"2026-01-01T20:00:00.000Z","log.level":"info","message":"...",
//           "ecs.version":"8.11.0","service.name":"tallycast","<field>":"<value>",...}
//   text   2026-01-01T20:00:00.000Z info  message field=value field="a value"
//
// In JSON the names are those of the Elastic Common Schema: a field it has a name for gets that
// one, all others stand under `labels.`.

#include <tallycast/telemetry/log.hpp>

#include <span>
#include <string>
#include <string_view>

namespace tallycast::telemetry {

std::string log_line(line_format format, base::wall_time at, ports::severity level,
                     std::string_view message, std::span<const ports::log::field> fields);

}  // namespace tallycast::telemetry
