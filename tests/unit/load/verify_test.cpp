#include <tallycast/load/verify.hpp>

#include <gtest/gtest.h>

#include <algorithm>

namespace tallycast::load {
namespace {

// Three voters, numbers 11 to 13, for b, b and a; the truth of a node that did everything right.
class accounts : public ::testing::Test {
protected:
    accounts() {
        book.voters = {{"t1", 11}, {"t2", 12}, {"t3", 13}};
        for (std::uint32_t i = 0; i < 3; ++i) {
            ballot one;
            one.voter = i;
            one.choice = i < 2 ? 1 : 0;
            book.add(one);
            book.sent(i);
            book.acknowledged(i, "counted", "r" + std::to_string(i));
        }
        node.results = nlohmann::json::parse(
            R"({"voters":3,"final":true,"options":[{"id":"a","votes":1},{"id":"b","votes":2}]})");
        node.ledger = nlohmann::json::parse(
            R"({"received":5,"counted":3,"changed":0,"replayed":1,"withdrawn":0,"rejected":{"late":1,"store":0}})");
        node.rows = read_export("voter,choice\r\n11,b\r\n12,b\r\n13,a\r\n");
    }

    std::vector<std::string> wrong() const {
        std::vector<std::string> claims;
        for (const auto& each : verify({&book}, {"a", "b"}, node).checks) {
            if (!each.holds) claims.push_back(each.claim);
        }
        return claims;
    }
    bool is_wrong(const std::string& claim) const {
        const auto claims = wrong();
        return std::find(claims.begin(), claims.end(), claim) != claims.end();
    }

    ballot_book book;
    node_truth node;
};

TEST_F(accounts, Everything_holds_when_the_node_did_everything_right) {
    EXPECT_TRUE(wrong().empty()) << wrong().front();
    EXPECT_TRUE(verify({&book}, {"a", "b"}, node).holds());
}

TEST_F(accounts, A_vote_that_is_missing_is_noticed) {
    node.results["voters"] = 2;
    EXPECT_TRUE(is_wrong("counted = voters with an acknowledged ballot"));
    EXPECT_TRUE(is_wrong("the ledger balances: voters = counted - withdrawn"));
}

TEST_F(accounts, Votes_on_the_wrong_option_are_noticed) {
    std::swap(node.results["options"][0]["votes"], node.results["options"][1]["votes"]);
    EXPECT_EQ(wrong().size(), 2u);
}

TEST_F(accounts, Results_that_are_not_final_do_not_pass) {
    node.results["final"] = false;
    EXPECT_TRUE(is_wrong("the results are final"));
}

TEST_F(accounts, A_ledger_that_does_not_balance_is_noticed) {
    node.ledger["received"] = 6;
    EXPECT_EQ(wrong().size(), 1u);
}

TEST_F(accounts, An_unanswered_ballot_is_no_success) {
    ballot more;
    more.voter = 0;
    more.is_change = true;
    book.sent(book.add(more));
    EXPECT_TRUE(is_wrong("no ballot was left without an answer"));
    EXPECT_TRUE(is_wrong("acknowledged = sent"));
}

TEST_F(accounts, An_acknowledged_voter_who_is_not_in_the_export_is_noticed) {
    node.rows = read_export("voter,choice\n11,b\n12,b\n14,a\n");
    EXPECT_EQ(wrong(), std::vector<std::string>{"every acknowledged voter is in the export"});
}

TEST_F(accounts, A_choice_that_differs_in_the_export_is_noticed) {
    node.rows = read_export("voter,choice\n11,b\n12,a\n13,a\n");
    EXPECT_EQ(wrong(),
              std::vector<std::string>{"the export has each voter's last acknowledged choice"});
}

TEST_F(accounts, A_voter_exported_twice_is_noticed) {
    node.rows = read_export("voter,choice\n11,b\n12,b\n13,a\n13,a\n");
    EXPECT_TRUE(is_wrong("the export names each voter once"));
    EXPECT_TRUE(is_wrong("export rows = counted"));
}

TEST_F(accounts, An_empty_reply_fails_rather_than_passes) {
    node = {};
    EXPECT_FALSE(verify({&book}, {"a", "b"}, node).holds());
}

TEST(read_export, Columns_are_found_by_name_and_quotes_are_read) {
    const auto rows = read_export("round,\"choice\",voter\r\n1,\"a \"\"x\"\", b\",7\r\n");
    ASSERT_TRUE(rows.has_value());
    ASSERT_EQ(rows->size(), 1u);
    EXPECT_EQ(rows->front().voter, 7u);
    EXPECT_EQ(rows->front().choice, "a \"x\", b");
    EXPECT_FALSE(read_export("number,choice\n1,a\n").has_value());
}

}  // namespace
}  // namespace tallycast::load
