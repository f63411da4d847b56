#include <tallycast/load/comeback.hpp>

#include <gtest/gtest.h>

#include <string>

namespace tallycast::load {
namespace {

using namespace std::chrono_literals;
using advice = parting::advice;

TEST(comeback, A_draining_node_says_within_which_time) {
    const auto how = read_close(std::string("\x03\xf4") + R"({"reconnect_ms":2000})");
    EXPECT_EQ(how.code, 1012);
    EXPECT_EQ(how.says, advice::within);
    EXPECT_EQ(comeback_wait(how, 0, 0), 0ms);
    EXPECT_EQ(comeback_wait(how, 7, 0.5), 1000ms) << "earlier failures do not matter";
}

TEST(comeback, A_busy_node_says_not_before_when) {
    const auto how = read_close(std::string("\x03\xf5") + R"({"retry_after_ms":400})");
    EXPECT_EQ(how.code, 1013);
    EXPECT_EQ(comeback_wait(how, 0, 0), 400ms);
    EXPECT_EQ(comeback_wait(how, 0, 1), 500ms);
}

TEST(comeback, Without_a_word_the_waits_double_and_end) {
    for (const auto& how : {parting{}, read_close(""), read_close("\x0f\xa0gone")}) {
        EXPECT_EQ(how.says, advice::none);
        EXPECT_EQ(comeback_wait(how, 0, 0), 250ms);
        EXPECT_EQ(comeback_wait(how, 0, 1), 500ms);
        EXPECT_EQ(comeback_wait(how, 2, 1), 2000ms);
        EXPECT_EQ(comeback_wait(how, 50, 1), 15s);
    }
}

}  // namespace
}  // namespace tallycast::load
