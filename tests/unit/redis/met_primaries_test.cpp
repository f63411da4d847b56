#include <redis/met_primaries.hpp>

#include <gtest/gtest.h>

namespace tallycast::redis {
namespace {

primary a_primary(const std::string& address, const std::string& replid, slot first, slot last) {
    return {address, replid, "", -1, {{first, last}}};
}

TEST(Met_primaries, One_that_is_met_again_is_the_same) {
    met_primaries met;
    EXPECT_FALSE(met.is_another(a_primary("h:1", "one", 0, 99)));
    EXPECT_FALSE(met.is_another(a_primary("h:2", "two", 100, 199)));
    EXPECT_FALSE(met.is_another(a_primary("h:1", "one", 0, 99)));
}

TEST(Met_primaries, Who_took_over_is_another_once) {
    met_primaries met;
    met.is_another(a_primary("h:1", "one", 0, 99));
    met.is_another(a_primary("h:2", "two", 100, 199));
    EXPECT_TRUE(met.is_another(a_primary("h:3", "three", 0, 99)));
    EXPECT_FALSE(met.is_another(a_primary("h:3", "three", 0, 99)));
    EXPECT_FALSE(met.is_another(a_primary("h:2", "two", 100, 199)));
}

TEST(Met_primaries, A_server_that_came_back_empty_is_another) {
    met_primaries met;
    met.is_another(a_primary("h:1", "one", 0, 99));
    EXPECT_TRUE(met.is_another(a_primary("h:1", "other", 0, 99)));
}

TEST(Met_primaries, Slots_in_the_middle_of_what_another_had_are_noticed) {
    met_primaries met;
    met.is_another(a_primary("h:1", "one", 0, 99));
    EXPECT_TRUE(met.is_another(a_primary("h:2", "two", 50, 50)));
}

}  // namespace
}  // namespace tallycast::redis
