#include <tallycast/telemetry/log.hpp>

#include "line_limit.hpp"
#include "log_line.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace tallycast::telemetry {

namespace {

class calling_sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit calling_sink(std::function<void(std::string_view)> take) : take_(std::move(take)) {}

private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        take_({line.data(), line.size()});
    }
    void flush_() override {}

    std::function<void(std::string_view)> take_;
};

spdlog::level::level_enum as_spdlog(ports::severity level) {
    switch (level) {
        case ports::severity::debug: return spdlog::level::debug;
        case ports::severity::info: return spdlog::level::info;
        case ports::severity::warn: return spdlog::level::warn;
        case ports::severity::error: return spdlog::level::err;
    }
    return spdlog::level::err;
}

// The line is made before spdlog sees it: its patterns cannot escape, so they print broken JSON.
std::shared_ptr<spdlog::logger> make_logger(spdlog::sink_ptr sink, ports::severity least) {
    auto logger = std::make_shared<spdlog::logger>("tallycast", std::move(sink));
    logger->set_formatter(
        std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::utc, "\n"));
    logger->set_level(as_spdlog(least));
    return logger;
}

}  // namespace

struct spdlog_log::limited {
    std::mutex mutex;
    line_limit lines;

    std::optional<std::uint64_t> admit(std::string_view message, base::mono_time now) {
        const std::lock_guard lock(mutex);
        return lines.admit(message, now);
    }
};

spdlog_log::spdlog_log(line_format format, ports::severity least, const ports::clock& clock)
    : format_(format),
      clock_(clock),
      logger_(make_logger(std::make_shared<spdlog::sinks::stderr_sink_mt>(), least)),
      limit_(std::make_unique<limited>()) {}

spdlog_log::spdlog_log(line_format format, ports::severity least, const ports::clock& clock,
                       std::function<void(std::string_view line)> sink)
    : format_(format),
      clock_(clock),
      logger_(make_logger(std::make_shared<calling_sink>(std::move(sink)), least)),
      limit_(std::make_unique<limited>()) {}

spdlog_log::~spdlog_log() = default;

void spdlog_log::set_level(ports::severity least) { logger_->set_level(as_spdlog(least)); }

bool spdlog_log::enabled(ports::severity level) const {
    return logger_->should_log(as_spdlog(level));
}

void spdlog_log::write(ports::severity level, std::string_view message,
                       std::initializer_list<field> fields) {
    if (!enabled(level)) return;
    std::vector<field> all(fields);
    std::string held_back;
    if (level != ports::severity::debug) {
        const auto admitted = limit_->admit(message, clock_.mono());
        if (!admitted) return;
        held_back = std::to_string(*admitted);
        if (*admitted > 0) all.emplace_back("held_back", held_back);
    }
    const std::string line = log_line(format_, clock_.wall(), level, message, all);
    logger_->log(as_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace tallycast::telemetry
