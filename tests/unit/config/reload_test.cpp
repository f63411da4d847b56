#include <tallycast/config/load.hpp>

#include "files.hpp"

#include <gtest/gtest.h>

namespace tallycast::config {
namespace {

class Reload : public testing::Test {
protected:
    settings start() { return std::get<settings>(load(args, {})); }

    temporary_file file{"log-level = \"info\"\nlimit-voter-rate = 10\n"};
    std::vector<std::string> args{"--config", file.path()};
};

TEST_F(Reload, Nothing_new_changes_nothing) {
    const auto answer = std::get<reloaded>(reload(start(), args, {}));
    EXPECT_TRUE(answer.changed.empty());
    EXPECT_TRUE(answer.restart_for.empty());
}

TEST_F(Reload, What_may_change_is_taken_and_named) {
    const settings running = start();
    file.write(
        "log-level = \"debug\"\nlimit-voter-rate = 20\nallowed-origins = [\"https://a.example\"]\n"
        "trusted-proxies = \"10.0.0.0/8\"\nlimits = false\n");
    const auto answer = std::get<reloaded>(reload(running, args, {}));
    EXPECT_EQ(answer.changed,
              (std::vector<std::string>{"limits", "limit-voter-rate", "trusted-proxies",
                                        "allowed-origins", "log-level"}));
    EXPECT_EQ(answer.now.log_level, log_level::debug);
    EXPECT_EQ(answer.now.limits.voter.per_second, 20);
    EXPECT_FALSE(answer.now.limits.on);
    EXPECT_EQ(answer.now.allowed_origins, (std::vector<std::string>{"https://a.example"}));
    EXPECT_EQ(answer.now.trusted_proxies, (std::vector<std::string>{"10.0.0.0/8"}));

    const auto again = std::get<reloaded>(reload(answer.now, args, {}));
    EXPECT_TRUE(again.changed.empty());
}

TEST_F(Reload, A_list_taken_out_of_the_file_is_empty_again) {
    file.write("allowed-origins = [\"https://a.example\"]\n");
    const settings running = start();
    file.write("");
    const auto answer = std::get<reloaded>(reload(running, args, {}));
    EXPECT_EQ(answer.changed, (std::vector<std::string>{"allowed-origins"}));
    EXPECT_TRUE(answer.now.allowed_origins.empty());
}

TEST_F(Reload, What_needs_a_restart_is_named_and_stays) {
    const settings running = start();
    file.write(
        "threads = 5\nhost-key = \"new-host-key\"\nlog-level = \"warn\"\nlimit-voter-rate = 10\n");
    const auto answer = std::get<reloaded>(reload(running, args, {}));
    EXPECT_EQ(answer.restart_for, (std::vector<std::string>{"threads", "host-key"}));
    EXPECT_EQ(answer.changed, (std::vector<std::string>{"log-level"}));
    EXPECT_EQ(answer.now.threads, 0u);
    EXPECT_TRUE(answer.now.host_key.empty());
}

TEST_F(Reload, A_flag_still_beats_the_file) {
    args.insert(args.end(), {"--log-level", "error"});
    const settings running = start();
    file.write("log-level = \"debug\"\nlimit-voter-rate = 10\n");
    EXPECT_TRUE(std::get<reloaded>(reload(running, args, {})).changed.empty());
}

TEST_F(Reload, A_broken_file_is_refused_with_its_line) {
    const settings running = start();
    file.write("log-level = \"debug\"\nlimit-voter-rate = \"many\"\n");
    const auto answer = reload(running, args, {});
    ASSERT_TRUE(std::holds_alternative<std::vector<bad_option>>(answer));
    EXPECT_EQ(std::get<std::vector<bad_option>>(answer).at(0).where, file.path() + ":2");
}

}  // namespace
}  // namespace tallycast::config
