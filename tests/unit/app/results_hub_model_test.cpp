#include <tallycast/app/results_hub.hpp>

#include <fuzz/hub_model.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

namespace tallycast::app {
namespace {

TEST(Results_hub_beside_its_model, Keeps_its_promises_whatever_is_done_to_it) {
    std::mt19937 random(2026);
    for (int round = 0; round < 2'000; ++round) {
        std::vector<std::uint8_t> bytes(random() % 1'500);
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
        const auto complaint = fuzz::hub_trial::run(bytes);
        ASSERT_FALSE(complaint) << *complaint << " in round " << round;
    }
}

}  // namespace
}  // namespace tallycast::app
