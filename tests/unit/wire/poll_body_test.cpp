#include <tallycast/wire/host_body.hpp>
#include <tallycast/wire/host_json.hpp>

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

using namespace tallycast;
using base::errc;
using nlohmann::json;

namespace {

base::failure refused(const std::string& body) {
    const auto poll = wire::read_poll_create(body);
    return poll ? base::failure{errc::internal, "it was accepted"} : poll.error();
}

std::string with(const std::string& members) {
    return R"({"type":"single","question":"Best act?",)" + members + "}";
}

std::string with_labels(const std::vector<std::string>& labels) {
    return with("\"options\":" + json(labels).dump());
}

TEST(Poll_body, Whole_poll_is_read) {
    const auto poll = wire::read_poll_create(R"({"type":"multiple","question":"Which?",
        "options":[{"id":"blue","label":"Blue"},{"label":"Red"},"Green"],
        "rules":{"min_choices":1,"max_choices":2,"allow_change":true,"scale":null},
        "results":"after_vote","opens_at":null,"closes_at":"2026-01-01T21:00:00+01:00","grace_ms":500})");
    ASSERT_TRUE(poll) << poll.error().detail;
    EXPECT_EQ(poll->type, domain::poll_type::multiple);
    EXPECT_EQ(poll->options,
              (std::vector<domain::option>{{"blue", "Blue"}, {"a", "Red"}, {"b", "Green"}}));
    EXPECT_EQ(poll->rules, (domain::rules{1, 2, true, std::nullopt}));
    EXPECT_EQ(poll->results, domain::visibility::after_vote);
    EXPECT_EQ(poll->opens_at, std::nullopt);
    EXPECT_EQ(poll->closes_at,
              std::chrono::sys_days(std::chrono::year(2026) / 1 / 1) + std::chrono::hours(20));
    EXPECT_EQ(poll->grace, base::milliseconds{500});
}

TEST(Poll_body, Least_of_each_type_is_filled) {
    const auto options = R"("options":["A","B","C"])";
    const auto least = [&](std::string type, std::string more) {
        return wire::read_poll_create(R"({"type":")" + type + R"(","question":"Q?")" + more + "}")
            .value()
            .rules;
    };
    EXPECT_EQ(least("single", std::string(",") + options),
              (domain::rules{1, 1, false, std::nullopt}));
    EXPECT_EQ(least("multiple", std::string(",") + options),
              (domain::rules{1, 3, false, std::nullopt}));
    EXPECT_EQ(least("ranking", std::string(",") + options),
              (domain::rules{1, 3, false, std::nullopt}));
    EXPECT_EQ(least("rating", ""), (domain::rules{1, 1, false, 5}));
}

TEST(Poll_body, What_does_not_fit_is_refused_by_its_path) {
    struct {
        const char* name;
        std::string body;
        errc code;
        const char* detail_has;
    } const table[] = {
        {"no type", R"({"question":"Q?","options":["A","B"]})", errc::invalid_request, "type"},
        {"no question", R"({"type":"single","options":["A","B"]})", errc::invalid_request,
         "question"},
        {"wrong type", R"({"type":"pick","question":"Q?"})", errc::invalid_request, "type"},
        {"status is not the host's to give", with(R"("options":["A","B"],"status":"open")"),
         errc::unknown_field, "\"status\""},
        {"unknown rule", with(R"("options":["A","B"],"rules":{"colour":1})"), errc::unknown_field,
         "\"rules.colour\""},
        {"unknown of an option", with(R"("options":["A",{"label":"B","votes":9}])"),
         errc::unknown_field, "\"options[1].votes\""},
        {"one option", with(R"("options":["A"])"), errc::invalid_request, "options"},
        {"no options", with(R"("grace_ms":0)"), errc::invalid_request, "options"},
        {"options is an object", with(R"("options":{"a":"A"})"), errc::invalid_request, "options"},
        {"option is a number", with(R"("options":["A",2])"), errc::invalid_request, "options[1]"},
        {"option without label", with(R"("options":["A",{"id":"b"}])"), errc::invalid_request,
         "options[1].label"},
        {"option id with a slash", with(R"("options":["A",{"id":"b/c","label":"B"}])"),
         errc::invalid_request, "options[1].id"},
        {"empty option id", with(R"("options":["A",{"id":"","label":"B"}])"), errc::invalid_request,
         "options[1].id"},
        {"ids twice", with(R"("options":[{"id":"x","label":"A"},{"id":"x","label":"B"}])"),
         errc::invalid_request, "options[1].id"},
        {"more choices than options", with(R"("options":["A","B"],"rules":{"max_choices":2})"),
         errc::invalid_request, "rules"},
        {"no choices at all", with(R"("options":["A","B"],"rules":{"min_choices":0})"),
         errc::invalid_request, "rules.min_choices"},
        {"choices past a byte", with(R"("options":["A","B"],"rules":{"max_choices":257})"),
         errc::invalid_request, "rules.max_choices"},
        {"scale of a single", with(R"("options":["A","B"],"rules":{"scale":5})"),
         errc::invalid_request, "rules.scale"},
        {"scale past ten", R"({"type":"rating","question":"Q?","rules":{"scale":11}})",
         errc::invalid_request, "rules.scale"},
        {"allow_change is a number", with(R"("options":["A","B"],"rules":{"allow_change":1})"),
         errc::invalid_request, "rules.allow_change"},
        {"wrong visibility", with(R"("options":["A","B"],"results":"later")"),
         errc::invalid_request, "results"},
        {"time without offset", with(R"("options":["A","B"],"closes_at":"2026-01-01T20:00:00")"),
         errc::invalid_request, "closes_at"},
        {"time as a number", with(R"("options":["A","B"],"opens_at":1767297600)"),
         errc::invalid_request, "opens_at"},
        {"endless grace", with(R"("options":["A","B"],"grace_ms":10001)"), errc::invalid_request,
         "grace_ms"},
        {"override in a label", with(R"("options":["A","\u202eB"])"), errc::invalid_request,
         "options[1].label"},
        {"long question", R"({"type":"rating","question":")" + std::string(501, 'q') + R"("})",
         errc::invalid_request, "question"},
    };
    for (const auto& row : table) {
        SCOPED_TRACE(row.name);
        const auto f = refused(row.body);
        EXPECT_EQ(static_cast<int>(f.code), static_cast<int>(row.code)) << f.detail;
        EXPECT_NE(f.detail.find(row.detail_has), std::string::npos) << f.detail;
    }
}

TEST(Poll_body, Options_that_look_the_same_are_refused) {
    const std::vector<std::vector<std::string>> same = {
        {"Blue", "Blue"},
        {"Blue", "BLUE"},
        {"Blue", " Blue  "},
        {"New York", "New   York"},
        {"New York", "New\xc2\xa0York"},
        {"Caf\xc3\xa9", "Cafe\xcc\x81"},
        {"Stra\xc3\x9f"
         "e",
         "STRASSE"},
        {"fine", "\xef\xac\x81ne"},
        {"A1", "\xef\xbc\xa1\xef\xbc\x91"},
        {"ab",
         "a\xe2\x80\x8b"
         "b"},
        {"ab",
         "a\xc2\xad"
         "b"},
    };
    for (const auto& labels : same) {
        const auto f = refused(with_labels(labels));
        EXPECT_EQ(f.code, errc::invalid_request) << labels[1];
        EXPECT_NE(f.detail.find("options[1].label"), std::string::npos) << f.detail;
    }
    EXPECT_TRUE(wire::read_poll_create(
        with_labels({"Blue", "Blu", "\xc3\x89tude", "Etude", "New York", "NewYork"})));
}

TEST(Poll_body, Patch_tells_absent_from_null) {
    const auto nothing = wire::read_poll_patch("{}");
    ASSERT_TRUE(nothing);
    EXPECT_EQ(*nothing, ports::poll_patch{});
    const auto patch = wire::read_poll_patch(
        R"({"closes_at":null,"opens_at":"2026-01-01T20:00:00Z","rules":{"allow_change":true}})");
    ASSERT_TRUE(patch);
    ASSERT_TRUE(patch->closes_at);
    EXPECT_FALSE(*patch->closes_at);
    ASSERT_TRUE(patch->opens_at);
    EXPECT_TRUE(*patch->opens_at);
    EXPECT_EQ(patch->rules, (domain::rules_patch{{}, {}, true, {}}));
}

TEST(Poll_body, Revision_is_of_a_patch_alone) {
    EXPECT_EQ(wire::read_poll_patch(R"({"question":"Q?","revision":3})")->revision, 3u);
    for (const auto* body :
         {R"({"revision":0})", R"({"revision":4294967296})", R"({"revision":"3"})"})
        EXPECT_FALSE(wire::read_poll_patch(body)) << body;
    EXPECT_EQ(
        wire::read_poll_create(R"({"type":"rating","question":"Q?","revision":3})").error().code,
        base::errc::unknown_field);
}

TEST(Poll_body, Null_in_a_patch_puts_back_the_default) {
    const domain::rules_patch all_rules{0, 0, false, std::optional<std::uint8_t>{}};
    EXPECT_EQ(wire::read_poll_patch(R"({"rules":null})")->rules, all_rules);
    EXPECT_EQ(
        wire::read_poll_patch(
            R"({"rules":{"min_choices":null,"max_choices":null,"allow_change":null,"scale":null}})")
            ->rules,
        all_rules);
    const auto patch = wire::read_poll_patch(R"({"results":null,"grace_ms":null})");
    ASSERT_TRUE(patch);
    EXPECT_EQ(patch->results, domain::visibility::always);
    EXPECT_EQ(patch->grace, base::milliseconds{0});
    for (const auto* body : {R"({"type":null})", R"({"question":null})", R"({"options":null})"})
        EXPECT_FALSE(wire::read_poll_patch(body)) << body;
    for (const auto* member :
         {R"("rules":null)", R"("rules":{"min_choices":null})", R"("rules":{"allow_change":null})",
          R"("results":null)", R"("grace_ms":null)"}) {
        const auto body = R"({"type":"rating","question":"Q?",)" + std::string(member) + '}';
        EXPECT_EQ(refused(body).code, errc::invalid_request) << member;
    }
}

TEST(Poll_body, A_position_is_for_a_poll_that_is_there) {
    EXPECT_EQ(wire::read_poll_patch(R"({"position":1000000})")->position, 1'000'000u);
    EXPECT_FALSE(wire::read_poll_patch(R"({"position":1000001})"));
    EXPECT_FALSE(wire::read_poll_patch(R"({"position":-1})"));
    EXPECT_EQ(refused(R"({"type":"rating","question":"Q?","position":1})").code,
              errc::unknown_field);
}

TEST(Poll_body, A_poll_as_written_reads_as_the_same_definition) {
    for (
        const auto* body :
        {R"({"type":"single","question":"\"Q\" \\ \t","options":["<A>","B & C"],"grace_ms":7})",
         R"({"type":"rating","question":"Q?","rules":{"scale":7,"allow_change":true},"results":"never"})",
         R"({"type":"ranking","question":"Q?","options":["A","B","C"],"rules":{"max_choices":2},"closes_at":"2026-01-01T20:00:00.123Z"})"}) {
        const auto first = wire::read_poll_create(body);
        ASSERT_EQ(static_cast<bool>(first),
                  std::string_view(body).find("\\t") == std::string_view::npos);
        if (!first) continue;  // a tab is a control character
        domain::poll poll;
        poll.definition = *first;
        auto members = json::parse(wire::write_poll(poll));
        for (const auto* not_the_hosts : {"id", "event", "status", "round", "revision", "position",
                                          "created_at", "opened_at", "closed_at"})
            ASSERT_EQ(members.erase(not_the_hosts), 1u) << not_the_hosts;
        const auto again = wire::read_poll_create(members.dump());
        ASSERT_TRUE(again) << again.error().detail;
        EXPECT_EQ(*again, *first);
    }
}

}  // namespace
