#include <redis/place.hpp>

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

namespace tallycast::redis {
namespace {

TEST(Place, Each_has_a_tag_in_its_own_part_of_the_slots) {
    std::set<std::string> tags;
    for (std::size_t place = 0; place < place_count; ++place) {
        const auto& tag = tag_of(place);
        EXPECT_TRUE(tags.insert(tag).second) << tag;
        EXPECT_EQ(slot_of(tag) / (slot_count / place_count), place);
    }
}

TEST(Place, Slices_of_a_poll_lie_evenly_over_primaries) {
    for (const auto* poll : {"p1", "another", "0123456789abcde"}) {
        std::map<std::size_t, int> third;  // of three primaries, each with a third of the slots
        std::set<std::size_t> places;
        for (std::uint16_t slice = 0; slice < 16; ++slice) {
            const auto place = place_of(base::poll_id(poll), 16, slice);
            EXPECT_TRUE(places.insert(place).second);
            ++third[slot_of(tag_of(place)) * 3 / slot_count];
        }
        for (const auto& [primary, slices] : third) EXPECT_NEAR(slices, 16.0 / 3, 1) << primary;
    }
}

TEST(Place, As_many_slices_as_primaries_with_equal_shares_lie_on_one_each) {
    for (std::uint16_t count = 1; count <= 16; ++count) {
        for (const auto* poll : {"p1", "another", "0123456789abcde"}) {
            std::set<std::size_t> primaries;
            for (std::uint16_t slice = 0; slice < count; ++slice) {
                const auto slot = slot_of(tag_of(place_of(base::poll_id(poll), count, slice)));
                // Shares as `redis-cli --cluster create` and tools/cluster cut them.
                primaries.insert(((slot + 1u) * count - 1) / slot_count);
            }
            EXPECT_EQ(primaries.size(), count) << poll;
        }
    }
}

TEST(Place, Keys_of_a_slice_share_a_slot_over_all_rounds) {
    const base::poll_id poll("poll");
    const auto first = keys_of(poll, 16, 5, 1);
    const auto second = keys_of(poll, 16, 5, 2);
    EXPECT_EQ(first.meta, second.meta);
    EXPECT_NE(first.counts, second.counts);
    for (const auto& key : {first.meta, first.counts, first.sheet, first.log, second.log,
                            results_channel(place_of(poll, 16, 5))})
        EXPECT_EQ(slot_of(key), first.at) << key;
    EXPECT_NE(keys_of(poll, 16, 6, 1).meta, first.meta);
}

}  // namespace
}  // namespace tallycast::redis
