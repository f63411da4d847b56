#include <redis/slot.hpp>

#include <gtest/gtest.h>

using namespace tallycast::redis;

namespace {

TEST(Slot, Is_the_one_a_cluster_computes) {
    EXPECT_EQ(slot_of("123456789"), 0x31C3 % 16384);  // the check value of CRC16/XMODEM
    EXPECT_EQ(slot_of("foo"), 12182);
    EXPECT_EQ(slot_of(""), 0);
}

TEST(Slot, Of_a_tagged_key_is_its_tags) {
    EXPECT_EQ(slot_of("{user1000}.following"), slot_of("user1000"));
    EXPECT_EQ(slot_of("a{foo}b{bar}"), slot_of("foo"));
    EXPECT_EQ(slot_of("foo{{bar}}zap"), slot_of("{bar"));
    EXPECT_NE(slot_of("foo{}{bar}"), slot_of("bar"));
    EXPECT_NE(slot_of("foo{bar"), slot_of("bar"));
}

}  // namespace
