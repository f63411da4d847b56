#include <tallycast/load/options.hpp>
#include <tallycast/load/phase.hpp>
#include <tallycast/load/replay.hpp>
#include <tallycast/load/run.hpp>

#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdio>
#include <fstream>

namespace tallycast::load {
namespace {

int exit_code(const std::vector<std::string>& args) {
    const auto parsed = parse_options(args);
    const auto* exit = std::get_if<early_exit>(&parsed);
    return exit == nullptr ? -1 : exit->code;
}

TEST(target, Only_http_with_host_and_port_is_taken) {
    EXPECT_EQ(parse_target("http://127.0.0.1:8080/")->authority(), "127.0.0.1:8080");
    EXPECT_EQ(parse_target("http://[::1]:80")->host, "::1");
    EXPECT_EQ(parse_target("http://[::1]:80")->authority(), "[::1]:80");
    for (const char* bad :
         {"", "127.0.0.1:8080", "https://127.0.0.1:8080", "http://127.0.0.1", "http://:80",
          "http://h:0", "http://h:70000", "http://h:80/path", "http://u@h:80", "http://::1:80"}) {
        EXPECT_FALSE(parse_target(bad).has_value()) << bad;
    }
}

TEST(options, Quick_is_small_but_yields_to_what_was_said) {
    const auto quick = std::get<options>(parse_options({"--host-key", "tck_x", "--quick"}));
    EXPECT_EQ(quick.voters, 3'000u);
    EXPECT_EQ(quick.repeat, 0.2);
    const auto said =
        std::get<options>(parse_options({"--host-key", "tck_x", "--quick", "--voters", "7"}));
    EXPECT_EQ(said.voters, 7u);
}

TEST(options, Targets_may_be_several_and_each_is_checked) {
    const auto one = std::get<options>(parse_options({"--host-key", "tck_x"}));
    ASSERT_EQ(one.targets.size(), 1u);
    EXPECT_EQ(one.targets[0].authority(), "127.0.0.1:8080");
    const auto two =
        std::get<options>(parse_options({"--host-key", "tck_x", "--target", "http://127.0.0.1:1",
                                         "--target", "http://127.0.0.2:2"}));
    ASSERT_EQ(two.targets.size(), 2u);
    EXPECT_EQ(two.targets[1].authority(), "127.0.0.2:2");
    testing::internal::CaptureStderr();
    EXPECT_EQ(
        exit_code({"--host-key", "k", "--target", "http://127.0.0.1:1", "--target", "nowhere"}), 2);
    EXPECT_NE(testing::internal::GetCapturedStderr().find("'nowhere'"), std::string::npos);
}

TEST(options, Bad_ones_exit_with_two_and_help_with_zero) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    EXPECT_EQ(exit_code({"--help"}), 0);
    EXPECT_EQ(exit_code({}), 2);
    EXPECT_EQ(exit_code({"--host-key", "k", "--transport", "pigeon"}), 2);
    EXPECT_EQ(exit_code({"--host-key", "k", "--repeat", "1.5"}), 2);
    EXPECT_EQ(exit_code({"--host-key", "k", "--target", "ftp://x:1"}), 2);
    EXPECT_EQ(exit_code({"--host-key", "k", "--no-such-thing"}), 2);
    testing::internal::GetCapturedStdout();
    testing::internal::GetCapturedStderr();
}

TEST(options, Steps_bring_as_many_voters_as_they_take) {
    const auto steps = std::get<options>(
        parse_options({"--host-key", "k", "--steps", "100:10,200:5", "--repeat", "0"}));
    EXPECT_EQ(steps.voters, 2'000u);
    ASSERT_TRUE(steps.open_loop.has_value());
    EXPECT_EQ(steps.open_loop->steps().size(), 2u);
    testing::internal::CaptureStderr();
    EXPECT_EQ(exit_code({"--host-key", "k", "--steps", "fast"}), 2);
    EXPECT_EQ(exit_code({"--host-key", "k", "--steps", "100:10", "--rate", "5"}), 2);
    EXPECT_NE(testing::internal::GetCapturedStderr().find("'fast'"), std::string::npos);
}

TEST(options, A_mode_that_does_not_exist_is_named) {
    testing::internal::CaptureStderr();
    EXPECT_EQ(run({"party"}), 2);
    EXPECT_NE(testing::internal::GetCapturedStderr().find("'party'"), std::string::npos);
}

TEST(options, Nobody_else_is_loaded_without_a_word) {
    testing::internal::CaptureStderr();
    for (const char* mode : {"votes", "fanout", "connect"})
        EXPECT_EQ(run({mode, "--host-key", "k", "--target", "http://192.0.2.1:80"}), 2) << mode;
    EXPECT_NE(testing::internal::GetCapturedStderr().find("--i-own-this-target"),
              std::string::npos);
}

phase_result open_loop_of(double busy_s, std::uint64_t late) {
    phase_result made;
    made.wanted = 1000;
    made.threads = 2;
    made.late = late;
    made.steps = schedule::steady(100).steps();
    made.elapsed = std::chrono::duration<double>(10);
    made.cpu = std::chrono::duration<double>(busy_s);
    return made;
}

TEST(bottleneck, A_busy_or_late_client_measures_nothing) {
    EXPECT_FALSE(bottleneck(open_loop_of(15, 9)).has_value());
    EXPECT_TRUE(bottleneck(open_loop_of(17, 0)).has_value());
    EXPECT_TRUE(bottleneck(open_loop_of(1, 11)).has_value());
    auto closed = open_loop_of(20, 0);
    closed.steps.clear();
    EXPECT_FALSE(bottleneck(closed).has_value()) << "a closed loop is as busy as it can be";
}

class request_files : public ::testing::Test {
protected:
    void TearDown() override { std::remove(name.c_str()); }
    static std::vector<plan> make_crowd_of_two() {
        plan made = make_plan({2, 2, 0, 0, 1});
        made.book.voters = {{"tcv_a", 1}, {"tcv_b", 2}};
        return {made};
    }
    const std::string name = testing::TempDir() + "requests-" + std::to_string(getpid());
};

TEST_F(request_files, What_was_written_is_read_again) {
    std::vector<plan> crowd = make_crowd_of_two();
    ASSERT_TRUE(write_requests(name, {"h:1", "c", "e", "po"}, "k-", {"a", "b"}, crowd));
    const auto read = request_file::read(name);
    ASSERT_TRUE(read.has_value());
    ASSERT_EQ(read->size(), 2u);
    EXPECT_TRUE(read->at(0).starts_with("POST /v1/polls/po/votes HTTP/1.1\r\n"));
    EXPECT_NE(read->at(1).find("Idempotency-Key: k-2\r\n"), std::string_view::npos);
    EXPECT_TRUE(read->at(1).ends_with("]}"));
}

TEST_F(request_files, A_file_cut_short_is_refused) {
    std::ofstream(name) << "10\nabc";
    EXPECT_FALSE(request_file::read(name).has_value());
    std::ofstream(name) << "no number\nabc";
    EXPECT_FALSE(request_file::read(name).has_value());
    EXPECT_FALSE(request_file::read(name + ".none").has_value());
}

}  // namespace
}  // namespace tallycast::load
