#include <redis/trial.hpp>

#include <gtest/gtest.h>

#include <string>

namespace tallycast::redis {
namespace {

reply text(std::string t) { return {.what = reply::kind::text, .text = std::move(t)}; }
replies refusing(std::vector<reply> items) {
    return {{.what = reply::kind::array, .items = std::move(items)}};
}
bool has(const std::string& all, const char* part) { return all.find(part) != all.npos; }

TEST(Trial, Touches_only_keys_and_channels_of_its_place) {
    for (const auto& one : trial_at("{tc7}", {"{tc7}:results"})) {
        if (one.name() == "WAIT") continue;
        EXPECT_TRUE(has(one.encoded(), "\r\n{tc7}:trial:0:")) << one.encoded();
    }
    EXPECT_TRUE(has(trial_at("{tc7}", {"{tc7}:results"}).front().encoded(), "{tc7}:results"));
}

TEST(Trial, What_is_refused_is_named_once_with_what_Redis_said) {
    EXPECT_EQ(refused_in(refusing({}), "{tc7}"), "");
    const auto told =
        refused_in(refusing({text("SPUBLISH"), text("ERR no channel"), text("SPUBLISH"),
                             text("ERR no channel"), text("XADD"), text("ERR no command")}),
                   "{tc7}");
    EXPECT_TRUE(has(told, "may not use SPUBLISH, XADD (it said: ERR no channel)")) << told;
}

TEST(Trial, A_call_that_is_refused_names_the_keys_and_one_without_an_answer_nothing) {
    const call_failure refused{call_error::unavailable, "NOPERM this user", true};
    EXPECT_TRUE(has(refused_in(refused, "{tc7}"), "keys like {tc7}:… (it said: NOPERM this user)"));
    const call_failure silent{call_error::unavailable, "no answer in time"};
    EXPECT_EQ(refused_in(silent, "{tc7}"), "");
}

}  // namespace
}  // namespace tallycast::redis
