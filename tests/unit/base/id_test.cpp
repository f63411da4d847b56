#include <tallycast/base/id.hpp>

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_set>

namespace tallycast::base {
namespace {

static_assert(!std::is_convertible_v<std::string, poll_id>, "a string is no id unless said so");
static_assert(!std::is_convertible_v<poll_id, event_id>, "a poll is no event");
static_assert(!std::is_constructible_v<event_id, poll_id>, "not even when asked");

TEST(Id, Keeps_its_text) {
    EXPECT_EQ(poll_id("p1").str(), "p1");
    EXPECT_EQ(poll_id(std::string_view("p1")), poll_id(std::string("p1")));
    EXPECT_TRUE(poll_id().empty());
    EXPECT_FALSE(poll_id("p1").empty());
}

TEST(Id, Orders_and_hashes_by_its_text) {
    const std::set<poll_id> ordered{poll_id("b"), poll_id("a"), poll_id("b")};
    EXPECT_EQ(ordered.size(), 2u);
    EXPECT_EQ(ordered.begin()->str(), "a");
    const std::unordered_set<poll_id> hashed{poll_id("b"), poll_id("a"), poll_id("b")};
    EXPECT_EQ(hashed.size(), 2u);
    EXPECT_TRUE(hashed.contains(poll_id("a")));
}

TEST(Voter_number, Is_nobody_until_given) {
    EXPECT_EQ(voter_number{}, voter_number{0});
    EXPECT_LT(voter_number{1}, voter_number{2});
}

}  // namespace
}  // namespace tallycast::base
