#include <tallycast/domain/results.hpp>

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace tallycast::domain {
namespace {

struct sight {
    visibility rule;
    bool other_now, voted_now, after_close;
};

TEST(Results, Are_shown_as_the_host_decided) {
    const std::vector<sight> rules{{visibility::always, true, true, true},
                                   {visibility::after_vote, false, true, true},
                                   {visibility::after_close, false, false, true},
                                   {visibility::never, false, false, false}};
    for (const auto& r : rules) {
        for (const auto status : {poll_status::draft, poll_status::open, poll_status::paused}) {
            EXPECT_EQ(visible(r.rule, status, viewer::other), r.other_now) << name(r.rule);
            EXPECT_EQ(visible(r.rule, status, viewer::voted), r.voted_now) << name(r.rule);
            EXPECT_TRUE(visible(r.rule, status, viewer::host)) << name(r.rule);
        }
        for (const auto status : {poll_status::closed, poll_status::archived}) {
            EXPECT_EQ(visible(r.rule, status, viewer::other), r.after_close) << name(r.rule);
            EXPECT_EQ(visible(r.rule, status, viewer::voted), r.after_close) << name(r.rule);
            EXPECT_TRUE(visible(r.rule, status, viewer::host)) << name(r.rule);
        }
    }
}

}  // namespace
}  // namespace tallycast::domain
