#pragma once
// What a log entry looks like; pure. The result is one line of valid UTF-8 without its newline,
// whatever bytes go in: controls are escaped, bytes that are no UTF-8 become U+FFFD.
//
//   json   {"ts":"2026-01-01T20:00:00.000Z","level":"info","msg":"...","<field>":"<value>",...}
//   text   2026-01-01T20:00:00.000Z info  message field=value field="a value"

#include <tallycast/telemetry/log.hpp>

#include <initializer_list>
#include <string>
#include <string_view>

namespace tallycast::telemetry {

std::string log_line(line_format format, base::wall_time at, ports::severity level,
                     std::string_view message, std::initializer_list<ports::log::field> fields);

}  // namespace tallycast::telemetry
