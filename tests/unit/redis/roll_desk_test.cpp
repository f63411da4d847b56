#include <redis/roll_desk.hpp>

#include <gtest/gtest.h>

namespace tallycast::redis {
namespace {

reply text(std::string of) { return {reply::kind::text, 0, std::move(of), {}}; }

TEST(Roll, Words_are_read_and_what_is_none_is_left_out) {
    reply roll{reply::kind::array, 0, {}, {}};
    for (const auto* one : {"a", "7 300", "b", "18446744073709551615 0", "c", "", "d", "7", "e",
                            "7 x", "f", "7 300 1", "g", "-1 3", "h"})
        roll.items.push_back(text(one));
    const std::vector<ports::node_word> expected{{"a", 7, 300}, {"b", ~std::uint64_t{0}, 0}};
    EXPECT_EQ(words_in(roll), expected);
    EXPECT_TRUE(words_in(reply{}).empty());
}

}  // namespace
}  // namespace tallycast::redis
