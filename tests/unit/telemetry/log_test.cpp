#include <tallycast/telemetry/log.hpp>
#include <tallycast/telemetry/system_clock.hpp>

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace tallycast::telemetry {
namespace {

using ports::severity;

class still_clock final : public ports::clock {
public:
    base::wall_time wall() const override {
        using namespace std::chrono;
        return sys_days(year(2026) / 1 / 2) + hours(3) + minutes(4) + seconds(5) + milliseconds(6);
    }
    base::mono_time mono() const override { return base::mono_time{} + passed; }
    std::chrono::seconds passed{0};
};

class Log : public testing::Test {
protected:
    // A log into `lines`, of everything.
    spdlog_log make(line_format format, severity least = severity::debug) {
        return {format, least, clock, [this](std::string_view line) { lines.emplace_back(line); }};
    }

    still_clock clock;
    std::vector<std::string> lines;
};

TEST_F(Log, A_json_line_holds_what_was_given_and_nothing_else) {
    make(line_format::json)
        .write(severity::info, "listening", {{"address", "127.0.0.1:8080"}, {"threads", "2"}});
    EXPECT_EQ(lines,
              (std::vector<std::string>{
                  R"({"@timestamp":"2026-01-02T03:04:05.006Z","log.level":"info",)"
                  R"("message":"listening","ecs.version":"8.11.0","service.name":"tallycast",)"
                  R"("labels.address":"127.0.0.1:8080","labels.threads":"2"})"
                  "\n"}));
}

TEST_F(Log, A_text_line_holds_what_was_given_and_nothing_else) {
    auto log = make(line_format::text);
    log.write(severity::warn, "slow disk",
              {{"commit_ms", "250"}, {"file", "a b"}, {"none", ""}, {"sign", "a=b"}});
    log.write(severity::error, "over");
    EXPECT_EQ(lines[0],
              "2026-01-02T03:04:05.006Z warn  slow disk commit_ms=250 file=\"a b\" none=\"\" "
              "sign=\"a=b\"\n");
    EXPECT_EQ(lines[1], "2026-01-02T03:04:05.006Z error over\n");
}

struct writing {
    const char* name;
    std::string given;
    std::string json;
};

void PrintTo(const writing& w, std::ostream* out) { *out << w.name; }

class Escaped : public testing::TestWithParam<writing> {};

TEST_P(Escaped, In_messages_fields_and_names_alike) {
    const still_clock clock;
    std::string line;
    spdlog_log log(line_format::json, severity::debug, clock,
                   [&](std::string_view l) { line = l; });
    log.write(severity::debug, GetParam().given, {{GetParam().given, GetParam().given}});
    const std::string quoted = '"' + GetParam().json + '"';
    EXPECT_EQ(line,
              "{\"@timestamp\":\"2026-01-02T03:04:05.006Z\",\"log.level\":\"debug\",\"message\":" +
                  quoted + ",\"ecs.version\":\"8.11.0\",\"service.name\":\"tallycast\",\"labels." +
                  quoted.substr(1) + ':' + quoted + "}\n");
}

const std::string broken = "\xef\xbf\xbd";

INSTANTIATE_TEST_SUITE_P(
    Log, Escaped,
    testing::Values(
        writing{"Quotes", R"(say "yes")", R"(say \"yes\")"},
        writing{"Backslash", R"(C:\x)", R"(C:\\x)"},
        writing{"Newlines", "a\r\nb\tc", R"(a\r\nb\tc)"},
        writing{"Controls", std::string("a\0b\x1b\x7f", 5), R"(a\u0000b\u001b\u007f)"},
        writing{"C1_and_line_separators",
                "a\xc2\x85"
                "b\xe2\x80\xa8"
                "c\xe2\x80\xa9",
                R"(a\u0085b\u2028c\u2029)"},
        writing{"Utf8_as_it_is", "Grüße \xf0\x9f\x8e\xa4", "Grüße \xf0\x9f\x8e\xa4"},
        writing{"Lone_bytes",
                "a\xff"
                "b\x80"
                "c",
                "a" + broken + "b" + broken + "c"},
        writing{"Cut_short", "a\xe2\x82", "a" + broken + broken},
        writing{"Overlong", "\xc0\xaf\xe0\x80\xaf", broken + broken + broken + broken + broken},
        writing{"Surrogate", "\xed\xa0\x80", broken + broken + broken},
        writing{"Past_the_last_character", "\xf4\x90\x80\x80", broken + broken + broken + broken}),
    [](const auto& one) { return std::string(one.param.name); });

TEST_F(Log, A_text_line_stays_one_line) {
    make(line_format::text).write(severity::info, "a\nb \"c\"", {{"x", "1\n2"}});
    EXPECT_EQ(lines[0], "2026-01-02T03:04:05.006Z info  a\\nb \"c\" x=\"1\\n2\"\n");
}

TEST_F(Log, Braces_and_percents_mean_nothing) {
    make(line_format::text).write(severity::info, "{} %v %s {0}");
    EXPECT_EQ(lines[0], "2026-01-02T03:04:05.006Z info  {} %v %s {0}\n");
}

TEST_F(Log, What_the_common_schema_has_a_name_for_gets_that_name) {
    make(line_format::json)
        .write(severity::error, "a request failed", {{"request_id", "r-1"}, {"why", "no"}});
    EXPECT_NE(lines[0].find(R"("http.request.id":"r-1","error.message":"no"})"), std::string::npos)
        << lines[0];
}

TEST_F(Log, A_message_that_repeats_itself_is_held_back_and_counted) {
    auto log = make(line_format::text, severity::info);
    for (int i = 0; i < 1000; ++i) log.write(severity::error, "again");
    log.write(severity::error, "something else");
    ASSERT_EQ(lines.size(), 21u);
    EXPECT_EQ(lines[19], "2026-01-02T03:04:05.006Z error again\n");
    EXPECT_EQ(lines[20], "2026-01-02T03:04:05.006Z error something else\n");
    clock.passed = std::chrono::seconds(1);
    for (int i = 0; i < 100; ++i) log.write(severity::error, "again");
    ASSERT_EQ(lines.size(), 26u);
    EXPECT_EQ(lines[21], "2026-01-02T03:04:05.006Z error again held_back=980\n");
    EXPECT_EQ(lines[22], "2026-01-02T03:04:05.006Z error again\n");
}

TEST_F(Log, Who_asks_for_everything_gets_it) {
    auto log = make(line_format::text);
    for (int i = 0; i < 1000; ++i) log.write(severity::debug, "again");
    EXPECT_EQ(lines.size(), 1000u);
}

TEST_F(Log, The_level_may_change_while_running) {
    auto log = make(line_format::json, severity::warn);
    EXPECT_FALSE(log.enabled(severity::info));
    log.write(severity::info, "unseen");
    EXPECT_TRUE(lines.empty());
    log.set_level(severity::debug);
    EXPECT_TRUE(log.enabled(severity::debug));
    log.write(severity::debug, "seen");
    EXPECT_EQ(lines.size(), 1u);
    log.set_level(severity::error);
    log.write(severity::warn, "unseen");
    EXPECT_EQ(lines.size(), 1u);
}

TEST_F(Log, Lines_of_several_threads_stay_whole) {
    auto log = make(line_format::text);
    std::vector<std::thread> writers;
    for (int i = 0; i < 4; ++i)
        writers.emplace_back([&log] {
            for (int line = 0; line < 200; ++line)
                log.write(severity::debug, std::string(300, 'x'));
        });
    for (auto& writer : writers) writer.join();
    ASSERT_EQ(lines.size(), 800u);
    for (const auto& line : lines)
        EXPECT_EQ(line, "2026-01-02T03:04:05.006Z debug " + std::string(300, 'x') + "\n");
}

TEST(Log_to_stderr, Is_written_at_once) {
    const still_clock clock;
    spdlog_log log(line_format::text, severity::info, clock);
    testing::internal::CaptureStderr();
    log.write(severity::info, "hello");
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "2026-01-02T03:04:05.006Z info  hello\n");
}

TEST(System_clock, Tells_the_time_of_day_and_never_goes_back) {
    const system_clock clock;
    const auto before = std::chrono::system_clock::now();
    const auto wall = clock.wall();
    EXPECT_LE(std::chrono::abs(wall - before), std::chrono::minutes(1));
    const auto mono = clock.mono();
    EXPECT_GE(clock.mono(), mono);
}

}  // namespace
}  // namespace tallycast::telemetry
