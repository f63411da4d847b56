#pragma once
// The log: one line an entry on stderr, as JSON or as text, written at once and whole. Whatever
// bytes a message or field holds, a line stays one line and valid JSON: quotes, controls and broken
// UTF-8 are escaped. It writes what it is given and adds only time and level; callers keep secrets
// out. A message that repeats itself too fast is held back, and how often is told with its next
// line (debug is not held back: whoever asks for it wants all of it). Any thread; set_level() too.

#include <tallycast/ports/clock.hpp>
#include <tallycast/ports/log.hpp>

#include <functional>
#include <memory>
#include <string_view>

namespace spdlog {
class logger;
}

namespace tallycast::telemetry {

enum class line_format : std::uint8_t { json = 1, text };

class spdlog_log final : public ports::log {
public:
    // To stderr. The clock outlives the log.
    spdlog_log(line_format format, ports::severity least, const ports::clock& clock);
    // To whatever takes lines (each with its newline); called under a lock, one line at a time.
    spdlog_log(line_format format, ports::severity least, const ports::clock& clock,
               std::function<void(std::string_view line)> sink);
    ~spdlog_log() override;

    void set_level(ports::severity least);

    bool enabled(ports::severity level) const override;
    void write(ports::severity level, std::string_view message,
               std::initializer_list<field> fields = {}) override;

private:
    struct limited;
    line_format format_;
    const ports::clock& clock_;
    std::shared_ptr<spdlog::logger> logger_;
    std::unique_ptr<limited> limit_;
};

}  // namespace tallycast::telemetry
