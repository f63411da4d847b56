// What is written, read again by a parser that is not ours.

#include <tallycast/wire/host_json.hpp>
#include <tallycast/wire/results_json.hpp>

#include "samples.hpp"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

using namespace tallycast;
using domain::poll_type;
using nlohmann::json;

namespace {

TEST(Written_json, Poll_is_exactly_as_the_contract_shows_it) {
    auto poll = samples::poll(poll_type::single, {"Blue", "Red"});
    poll.opened_at.reset();
    poll.status = domain::poll_status::draft;
    EXPECT_EQ(
        wire::write_poll(poll),
        R"({"id":"po1","event":"ev1","type":"single","question":"Best act?","status":"draft","round":1,)"
        R"("revision":1,"options":[{"id":"a","label":"Blue"},{"id":"b","label":"Red"}],)"
        R"("rules":{"min_choices":1,"max_choices":1,"allow_change":false,"scale":null},)"
        R"("results":"always","opens_at":null,"closes_at":null,"grace_ms":0,"position":0,)"
        R"("created_at":"2026-01-01T20:00:00.000Z","opened_at":null,"closed_at":null})");
}

TEST(Written_json, Poll_shows_what_is_set) {
    auto poll = samples::poll(poll_type::rating);
    poll.definition.opens_at = samples::at(1);
    poll.definition.closes_at = samples::at(2);
    poll.definition.grace = base::milliseconds{250};
    poll.definition.rules.allow_change = true;
    poll.closed_at = samples::at(3);
    const auto shown = json::parse(wire::write_poll(poll));
    EXPECT_EQ(shown["options"], json::array());
    EXPECT_EQ(shown["rules"]["scale"], 5);
    EXPECT_EQ(shown["rules"]["allow_change"], true);
    EXPECT_EQ(shown["opens_at"], "2026-01-01T01:00:00.000Z");
    EXPECT_EQ(shown["closes_at"], "2026-01-01T02:00:00.000Z");
    EXPECT_EQ(shown["closed_at"], "2026-01-01T03:00:00.000Z");
    EXPECT_EQ(shown["grace_ms"], 250);
}

TEST(Written_json, Any_text_comes_back_as_it_was) {
    std::mt19937 random{11};
    const std::vector<std::string> pieces{"\"",
                                          "\\",
                                          "/",
                                          "\n",
                                          "\r",
                                          "\t",
                                          "\x01",
                                          "\x1f",
                                          "a",
                                          "<b>",
                                          "\xc3\xa9",
                                          "\xe2\x80\xa8",
                                          "\xf0\x9f\x98\x80",
                                          "{",
                                          "]",
                                          "u0041",
                                          std::string(1, '\0')};
    for (int i = 0; i < 2000; ++i) {
        std::string text;
        for (auto n = random() % 12; n > 0; --n) text += pieces[random() % pieces.size()];
        const auto event = samples::event(text);
        ASSERT_EQ(json::parse(wire::write_event(event))["title"], text);
    }
}

TEST(Written_json, Event_says_nothing_of_its_tenant) {
    const auto text = wire::write_event(samples::event());
    EXPECT_EQ(text.find("secret"), std::string::npos);
    EXPECT_EQ(json::parse(text),
              (json{{"id", "ev1"},
                    {"title", "Gala"},
                    {"code", "34679C"},
                    {"settings", {{"locale", "en"}, {"accent", nullptr}, {"logo", nullptr}}},
                    {"created_at", "2026-01-01T19:00:00.000Z"}}));
    EXPECT_EQ(wire::write_poll(samples::poll(poll_type::single)).find("secret"), std::string::npos);
}

TEST(Written_json, Key_never_shows_its_hash_and_its_secret_only_when_given) {
    const domain::host_key key{
        base::key_id{"k1"}, base::tenant_id{"t1"}, std::string(64, 'e'), "tck_abcd", "stage",
        samples::at(1)};
    const auto quiet = wire::write_key(key, std::nullopt);
    EXPECT_EQ(quiet.find(key.hash), std::string::npos);
    EXPECT_FALSE(json::parse(quiet).contains("key"));
    EXPECT_EQ(json::parse(quiet)["prefix"], "tck_abcd");
    EXPECT_EQ(json::parse(wire::write_key(key, "tck_abcdefgh"))["key"], "tck_abcdefgh");
}

TEST(Written_json, Tenant_shows_its_quotas) {
    const domain::tenant tenant{base::tenant_id{"t1"}, "Opera", {3, 4, 5}, samples::at(1)};
    const auto shown = json::parse(wire::write_tenant(tenant));
    EXPECT_EQ(shown["name"], "Opera");
    EXPECT_EQ(shown["quotas"],
              (json{{"events", 3}, {"polls_per_event", 4}, {"voters_per_event", 5}}));
}

TEST(Written_json, List_has_items_and_a_cursor_or_null) {
    const std::vector<std::string> items{R"({"id":"1"})", R"({"id":"2"})"};
    EXPECT_EQ(wire::write_list(items, "2"),
              R"({"items":[{"id":"1"},{"id":"2"}],"next_cursor":"2"})");
    EXPECT_EQ(wire::write_list({}, std::nullopt), R"({"items":[],"next_cursor":null})");
}

TEST(Written_json, Ledger_balances_where_it_does) {
    domain::ledger ledger;
    ledger.received = 46;
    ledger.counted = 4;
    ledger.changed = 3;
    ledger.replayed = 2;
    ledger.withdrawn = 1;
    for (std::size_t i = 0; i < domain::rejection_kinds; ++i) ledger.rejected[i] = i + 1;
    const auto shown = json::parse(wire::write_ledger(ledger, base::poll_id{"po1"}, 2));
    EXPECT_EQ(shown["rejected"], (json{{"invalid", 1},
                                       {"unauthorised", 2},
                                       {"not_open", 3},
                                       {"late", 4},
                                       {"already_voted", 5},
                                       {"limited", 6},
                                       {"overloaded", 7},
                                       {"store", 8}}));
    EXPECT_EQ(shown["voters"], 3);
    EXPECT_EQ(shown["round"], 2);
    EXPECT_EQ(shown["balanced"], true);
    ++ledger.received;
    EXPECT_EQ(json::parse(wire::write_ledger(ledger, base::poll_id{"po1"}, 2))["balanced"], false);
}

TEST(Written_json, Join_gives_the_event_its_polls_and_a_voter) {
    const std::vector<std::string> polls{wire::write_poll(samples::poll(poll_type::single))};
    const auto shown = json::parse(wire::write_join(samples::event(), polls, "tcv_x",
                                                    base::voter_number{17}, samples::at(23)));
    EXPECT_EQ(shown["event"], json::parse(wire::write_event(samples::event())));
    EXPECT_EQ(shown["polls"][0]["id"], "po1");
    EXPECT_EQ(
        shown["voter"],
        (json{{"token", "tcv_x"}, {"number", 17}, {"expires_at", "2026-01-01T23:00:00.000Z"}}));
    EXPECT_EQ(json::parse(wire::write_watcher("tcw_x", samples::at(23))),
              (json{{"token", "tcw_x"}, {"expires_at", "2026-01-01T23:00:00.000Z"}}));
}

TEST(Written_json, Event_view_is_the_event_with_its_polls_and_results) {
    const std::vector<std::string> polls{R"({"id":"po1"})"}, results{R"({"poll":"po1"})"};
    auto expected = json::parse(wire::write_event(samples::event()));
    expected["polls"] = json::array({{{"id", "po1"}}});
    expected["results"] = json::array({{{"poll", "po1"}}});
    EXPECT_EQ(json::parse(wire::write_event_view(samples::event(), polls, results)), expected);
}

std::string written(const domain::results& r) {
    std::string out;
    wire::append_results(out, r, samples::at(21));
    return out;
}

TEST(Written_json, Results_of_a_single_choice_are_exactly_as_the_contract_shows_them) {
    const auto poll = samples::poll(poll_type::single, {"Blue", "Red"});
    const auto a = samples::chosen(poll, {"a"}), b = samples::chosen(poll, {"b"});
    EXPECT_EQ(
        written(samples::results(poll, {a, b, a})),
        R"({"poll":"po1","round":2,"status":"open","version":812,"voters":3,"votes":3,"final":false,)"
        R"("options":[{"id":"a","votes":2},{"id":"b","votes":1}],"server_time":"2026-01-01T21:00:00.000Z"})");
}

TEST(Written_json, Results_of_a_multiple_choice_count_voters_and_votes_apart) {
    const auto poll = samples::poll(poll_type::multiple);
    const auto shown = json::parse(written(
        samples::results(poll, {samples::chosen(poll, {"a", "c"}), samples::chosen(poll, {"c"})})));
    EXPECT_EQ(shown["voters"], 2);
    EXPECT_EQ(shown["votes"], 3);
    EXPECT_EQ(shown["options"][2], (json{{"id", "c"}, {"votes", 2}}));
}

TEST(Written_json, Results_of_a_rating_have_the_steps_and_an_average_of_four_decimals_at_most) {
    const auto poll = samples::poll(poll_type::rating);
    const auto rated = [&](std::vector<std::int64_t> ratings) {
        std::vector<domain::ballot> ballots;
        for (const auto r : ratings) ballots.push_back(samples::rated(poll, r));
        return written(samples::results(poll, ballots));
    };
    const auto shown = json::parse(rated({5, 5, 4, 1}));
    EXPECT_EQ(shown["ratings"], (json{1, 0, 0, 1, 2}));
    EXPECT_EQ(shown["options"], json::array());
    EXPECT_EQ(shown["average"], 3.75);
    EXPECT_NE(rated({}).find(R"("average":0,)"), std::string::npos);
    EXPECT_NE(rated({4, 4}).find(R"("average":4,)"), std::string::npos);
    EXPECT_NE(rated({3, 3, 4}).find(R"("average":3.3333,)"), std::string::npos);
}

TEST(Written_json, Results_of_a_ranking_have_ranks_and_points) {
    const auto poll = samples::poll(poll_type::ranking);
    const auto shown = json::parse(written(
        samples::results(poll, {samples::chosen(poll, {"b", "a"}), samples::chosen(poll, {"b"})})));
    EXPECT_EQ(shown["options"][0]["ranks"], (json{0, 1, 0}));
    EXPECT_EQ(shown["options"][0]["points"], 1);
    EXPECT_EQ(shown["options"][1],
              (json{{"id", "b"}, {"votes", 2}, {"ranks", {2, 0, 0}}, {"points", 4}}));
    EXPECT_EQ(shown["options"][2]["points"], 0);
}

TEST(Written_json, Final_results_of_a_closed_poll_say_so) {
    auto poll = samples::poll(poll_type::single);
    poll.status = domain::poll_status::closed;
    auto results = samples::results(poll, {});
    results.final = true;
    const auto shown = json::parse(written(results));
    EXPECT_EQ(shown["final"], true);
    EXPECT_EQ(shown["status"], "closed");
    EXPECT_FALSE(shown.contains("average"));
}

TEST(Written_json, Receipt_is_as_the_contract_shows_it) {
    EXPECT_EQ(
        wire::write_vote_receipt("counted", base::poll_id{"po1"}, 1, "rc", samples::at(20)),
        R"({"status":"counted","poll":"po1","round":1,"receipt":"rc","at":"2026-01-01T20:00:00.000Z"})");
    EXPECT_FALSE(json::parse(wire::write_vote_receipt("withdrawn", base::poll_id{"po1"}, 1, "",
                                                      samples::at(20)))
                     .contains("receipt"));
}

TEST(Written_json, Own_ballot_is_as_it_was_sent) {
    const auto ranking = samples::poll(poll_type::ranking);
    EXPECT_EQ(wire::write_my_ballot(ranking, samples::chosen(ranking, {"c", "a"}), "rc"),
              R"({"poll":"po1","round":1,"choices":["c","a"],"receipt":"rc"})");
    const auto rating = samples::poll(poll_type::rating);
    EXPECT_EQ(wire::write_my_ballot(rating, samples::rated(rating, 4), "rc"),
              R"({"poll":"po1","round":1,"rating":4,"receipt":"rc"})");
}

}  // namespace
