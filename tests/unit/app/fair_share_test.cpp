#include <tallycast/app/fair_share.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

namespace tallycast::app {
namespace {

using namespace std::chrono_literals;

// Nodes that say their word every second, and what stands in front of them.
class Nodes_of_a_store : public testing::Test {
protected:
    struct place {
        explicit place(const std::string& name) : share(name) {}
        fair_share share;
        std::uint64_t people = 0;
        std::uint64_t beat = 0;
        bool silent = false;
        fair_share::advice said;
        std::uint64_t sent = 0;
    };

    place& add(const std::string& name, std::uint64_t people) {
        auto& made = places_.try_emplace(name, std::make_unique<place>(name)).first->second;
        made->people = people;
        return *made;
    }

    // All hear the same roll; who is sent away goes to where fewest are, or back to where they
    // were.
    void pass(std::chrono::seconds time, bool come_back = false) {
        for (const auto end = now_ + time; now_ < end; now_ += 1s) {
            for (auto& [name, one] : places_)
                if (!one->silent) roll_[name] = {name, ++one->beat, one->people};
            std::vector<ports::node_word> words;
            for (const auto& [name, word] : roll_) words.push_back(word);
            for (auto& [name, one] : places_) {
                if (one->silent) continue;
                one->said = one->share.hear(now_, words);
                for (const auto& gone : one->said.strike) roll_.erase(gone);
                groups_ += one->said.send_away > 0 ? 1 : 0;
                one->sent += one->said.send_away;
                if (!come_back) move(*one);
            }
        }
    }

    void move(place& from) {
        ASSERT_LE(from.said.send_away, from.people / 10) << "a tenth at most";
        from.people -= from.said.send_away;
        const auto fewest = std::ranges::min_element(
            places_, {}, [](const auto& p) { return p.second->silent ? ~0ull : p.second->people; });
        fewest->second->people += from.said.send_away;
    }

    base::mono_time now_ = base::mono_time{} + 1h;
    std::map<std::string, std::unique_ptr<place>> places_;
    std::map<std::string, ports::node_word> roll_;
    int groups_ = 0;
};

TEST_F(Nodes_of_a_store, One_alone_keeps_everybody) {
    add("a", 15'000);
    pass(120s);
    EXPECT_EQ(groups_, 0);
    EXPECT_EQ(places_.at("a")->said.share, 0);
}

TEST_F(Nodes_of_a_store, A_new_one_gets_its_part_and_then_nobody_moves_any_more) {
    auto& old = add("old", 15'000);
    pass(30s);
    auto& fresh = add("new", 0);
    pass(11s);
    EXPECT_EQ(groups_, 0) << "a difference has to last";
    pass(120s);
    EXPECT_LE(old.said.share, 1.05);
    EXPECT_EQ(old.people + fresh.people, 15'000);
    EXPECT_GE(old.people, 7'500) << "never below the mean";
    EXPECT_EQ(fresh.sent, 0);
    const auto before = groups_;
    pass(600s);
    EXPECT_EQ(groups_, before);
}

TEST_F(Nodes_of_a_store, Seven_new_ones_get_theirs_too_and_no_node_goes_below_the_mean) {
    auto& old = add("old", 16'000);
    pass(5s);
    for (const auto* name : {"b", "c", "d", "e", "f", "g", "h"}) add(name, 0);
    pass(600s);
    EXPECT_GE(old.people, 2'000);
    EXPECT_LE(old.said.share, 1.05);
}

TEST_F(Nodes_of_a_store, Small_differences_and_small_nodes_move_nobody) {
    add("a", 1'240);
    add("b", 760);
    pass(60s);
    EXPECT_EQ(groups_, 0);
    add("a", 200);
    add("b", 0);
    pass(60s);
    EXPECT_EQ(groups_, 0);
}

TEST_F(Nodes_of_a_store, A_difference_that_comes_and_goes_moves_nobody) {
    for (int turn = 0; turn < 20; ++turn) {
        add("a", turn % 2 == 0 ? 2'000 : 1'000);
        add("b", 1'000);
        pass(9s);
    }
    EXPECT_EQ(groups_, 0);
}

TEST_F(Nodes_of_a_store, Where_all_come_back_it_is_tried_more_and_more_rarely) {
    auto& a = add("a", 4'000);
    add("b", 10);
    pass(1h, true);
    EXPECT_GE(groups_, 3);
    EXPECT_LE(groups_, 15);
    EXPECT_LE(a.said.send_away, 400);
    const auto in_the_first_hour = groups_;
    pass(1h, true);
    EXPECT_LE(groups_ - in_the_first_hour, 7) << "every ten minutes";
}

TEST_F(Nodes_of_a_store, One_that_has_died_is_not_counted_and_its_word_is_struck) {
    add("a", 1'000);
    auto& dead = add("dead", 0);
    pass(5s);
    dead.silent = true;
    pass(6s);
    EXPECT_EQ(groups_, 0);
    EXPECT_EQ(places_.at("a")->said.share, 0) << "nobody else is there";
    EXPECT_TRUE(roll_.contains("dead"));
    pass(60s);
    EXPECT_FALSE(roll_.contains("dead"));
    EXPECT_EQ(groups_, 0);
}

TEST_F(Nodes_of_a_store, A_word_that_stood_there_before_is_nobodys_until_it_changes) {
    roll_["ghost"] = {"ghost", 7, 0};
    add("a", 1'000);
    pass(59s);
    EXPECT_EQ(groups_, 0);
    pass(5s);
    EXPECT_FALSE(roll_.contains("ghost"));
}

TEST_F(Nodes_of_a_store, After_the_store_was_silent_a_difference_has_to_last_again) {
    auto& a = add("a", 4'000);
    add("b", 100);
    pass(9s);
    a.share.hear_nothing();
    pass(9s);
    EXPECT_EQ(a.sent, 0);
    pass(5s);
    EXPECT_GT(a.sent, 0);
}

}  // namespace
}  // namespace tallycast::app
