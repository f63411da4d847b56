#include <tallycast/wire/live_message.hpp>

#include <tallycast/wire/host_json.hpp>
#include <tallycast/wire/results_json.hpp>

#include "samples.hpp"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

using namespace tallycast;
using base::errc;
using nlohmann::json;

namespace {

template <class Message>
Message read_as(wire::client_message_reader& reader, const std::string& text) {
    const auto message = reader.read(text);
    if (!message) throw std::runtime_error(message.error().detail);
    return std::get<Message>(*message);
}

template <class Message>
Message read_as(const std::string& text) {
    wire::client_message_reader reader;
    return read_as<Message>(reader, text);
}

TEST(Live_message, Auth_brings_a_token) {
    EXPECT_EQ(read_as<wire::auth_message>(R"({"type":"auth","token":"tcv_x.y"})").token, "tcv_x.y");
}

TEST(Live_message, Subscription_names_polls_or_all) {
    const auto some =
        read_as<wire::subscribe_message>(R"({"type":"subscribe","polls":["p1","p2"],"max_hz":2})");
    EXPECT_EQ(some.polls, (std::vector{base::poll_id{"p1"}, base::poll_id{"p2"}}));
    EXPECT_FALSE(some.all);
    EXPECT_EQ(some.max_hz, 2);
    const auto all =
        read_as<wire::subscribe_message>(R"({"polls":"all","type":"subscribe","max_hz":0.5})");
    EXPECT_TRUE(all.all);
    EXPECT_TRUE(all.polls.empty());
    EXPECT_EQ(all.max_hz, 0.5);
    EXPECT_EQ(read_as<wire::subscribe_message>(R"({"type":"subscribe","polls":[]})").max_hz, 10);
    EXPECT_TRUE(read_as<wire::unsubscribe_message>(R"({"type":"unsubscribe","polls":"all"})").all);
    EXPECT_EQ(
        read_as<wire::unsubscribe_message>(R"({"type":"unsubscribe","polls":["p1"]})").polls.size(),
        1u);
}

TEST(Live_message, Vote_brings_its_ballot) {
    wire::client_message_reader reader;
    const std::string ranked = R"({"type":"vote","id":"k-1","poll":"p1","choices":["b","\u0061"]})";
    const auto vote = read_as<wire::vote_message>(reader, ranked);
    EXPECT_EQ(vote.id, "k-1");
    EXPECT_EQ(vote.poll, base::poll_id{"p1"});
    ASSERT_EQ(vote.form.choices.size(), 2u);
    EXPECT_EQ(vote.form.choices[0], "b");
    EXPECT_EQ(vote.form.choices[1], "a");
    EXPECT_EQ(vote.form.revision, 0u);
    const std::string seen = R"({"type":"vote","id":"k","poll":"p","rating":4,"revision":9})";
    EXPECT_EQ(read_as<wire::vote_message>(reader, seen).form.revision, 9u);
    EXPECT_EQ(
        read_as<wire::vote_message>(reader, R"({"type":"vote","id":"k","poll":"p","rating":4})")
            .form.rating,
        4);
    EXPECT_EQ(reader.id(), "k");
}

TEST(Live_message, Ping_has_a_name) {
    EXPECT_EQ(read_as<wire::ping_message>(R"({"type":"ping","id":"7"})").id, "7");
}

std::string subscription_to(std::size_t polls) {
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < polls; ++i) ids.push_back("p" + std::to_string(i));
    return json{{"type", "subscribe"}, {"polls", ids}}.dump();
}

TEST(Live_message, Two_hundred_and_fifty_six_polls_fit_in_one_message) {
    EXPECT_EQ(read_as<wire::subscribe_message>(subscription_to(256)).polls.size(), 256u);
    wire::client_message_reader reader;
    EXPECT_EQ(reader.read(subscription_to(257)).error().code, errc::invalid_request);
}

TEST(Live_message, What_is_not_of_the_form_is_refused) {
    std::string choices = R"("a")";
    for (int i = 1; i < 65; ++i) choices += R"(,"a")";
    struct {
        const char* name;
        std::string text;
        errc code;
        const char* detail_has;
    } const table[] = {
        {"no json", "hello", errc::malformed_json, "byte 0"},
        {"doubled", R"({"type":"ping","id":"1","id":"2"})", errc::malformed_json, "\"id\""},
        {"too deep", R"({"type":"vote","choices":[[[[[[[[[]]]]]]]]]})", errc::malformed_json,
         "deep"},
        {"behind", R"({"type":"ping","id":"1"} 1)", errc::malformed_json, "byte 25"},
        {"an array", R"(["ping"])", errc::invalid_request, "object"},
        {"no type", R"({"id":"1"})", errc::invalid_request, "type"},
        {"type is a number", R"({"type":1})", errc::invalid_request, "type"},
        {"unknown type", R"({"type":"shout"})", errc::invalid_request, "type"},
        {"no token", R"({"type":"auth"})", errc::invalid_request, "token"},
        {"token is null", R"({"type":"auth","token":null})", errc::invalid_request, "token"},
        {"vote with a token", R"({"type":"vote","id":"1","poll":"p","rating":1,"token":"t"})",
         errc::unknown_field, "\"token\""},
        {"auth with an id", R"({"type":"auth","token":"t","id":"1"})", errc::unknown_field,
         "\"id\""},
        {"no polls", R"({"type":"subscribe"})", errc::invalid_request, "polls"},
        {"polls is another word", R"({"type":"subscribe","polls":"some"})", errc::invalid_request,
         "polls"},
        {"poll is a number", R"({"type":"subscribe","polls":[1]})", errc::invalid_request, "polls"},
        {"poll is no id", R"({"type":"subscribe","polls":["a b"]})", errc::invalid_request,
         "polls"},
        {"poll is empty", R"({"type":"subscribe","polls":[""]})", errc::invalid_request, "polls"},
        {"poll id of 33", R"({"type":"subscribe","polls":[")" + std::string(33, 'p') + R"("]})",
         errc::invalid_request, "polls"},
        {"max_hz zero", R"({"type":"subscribe","polls":"all","max_hz":0})", errc::invalid_request,
         "max_hz"},
        {"max_hz too small", R"({"type":"subscribe","polls":"all","max_hz":0.09})",
         errc::invalid_request, "max_hz"},
        {"max_hz too large", R"({"type":"subscribe","polls":"all","max_hz":20.5})",
         errc::invalid_request, "max_hz"},
        {"max_hz beyond a double", R"({"type":"subscribe","polls":"all","max_hz":1e400})",
         errc::invalid_request, "max_hz"},
        {"max_hz is a string", R"({"type":"subscribe","polls":"all","max_hz":"2"})",
         errc::invalid_request, "max_hz"},
        {"unsubscribe with max_hz", R"({"type":"unsubscribe","polls":"all","max_hz":2})",
         errc::unknown_field, "max_hz"},
        {"vote without id", R"({"type":"vote","poll":"p","rating":1})", errc::invalid_request,
         "id"},
        {"empty id", R"({"type":"vote","id":"","poll":"p","rating":1})", errc::invalid_request,
         "id"},
        {"id with a blank", R"({"type":"vote","id":"a b","poll":"p","rating":1})",
         errc::invalid_request, "id"},
        {"id of 65", R"({"type":"ping","id":")" + std::string(65, 'i') + R"("})",
         errc::invalid_request, "id"},
        {"id not ascii", R"({"type":"ping","id":"\u00e9"})", errc::invalid_request, "id"},
        {"vote without poll", R"({"type":"vote","id":"1","rating":1})", errc::invalid_request,
         "poll"},
        {"poll with a slash", R"({"type":"vote","id":"1","poll":"../p","rating":1})",
         errc::invalid_request, "poll"},
        {"vote without ballot", R"({"type":"vote","id":"1","poll":"p"})", errc::invalid_request,
         "either"},
        {"vote with both", R"({"type":"vote","id":"1","poll":"p","rating":1,"choices":[]})",
         errc::invalid_request, "either"},
        {"65 choices", R"({"type":"vote","id":"1","poll":"p","choices":[)" + choices + "]}",
         errc::invalid_ballot, "64"},
    };
    for (const auto& row : table) {
        SCOPED_TRACE(row.name);
        wire::client_message_reader reader;
        const auto message = reader.read(row.text);
        ASSERT_FALSE(message);
        EXPECT_EQ(static_cast<int>(message.error().code), static_cast<int>(row.code))
            << message.error().detail;
        EXPECT_NE(message.error().detail.find(row.detail_has), std::string::npos)
            << message.error().detail;
    }
}

TEST(Live_message, A_refused_message_still_tells_its_name) {
    wire::client_message_reader reader;
    EXPECT_FALSE(reader.read(R"({"type":"vote","id":"k-9","poll":"p","rating":"4"})"));
    EXPECT_EQ(reader.id(), "k-9");
    EXPECT_FALSE(reader.read("nonsense"));
    EXPECT_EQ(reader.id(), "");
    EXPECT_FALSE(reader.read(R"({"type":"vote","id":"bad id","poll":"p","rating":4})"));
    EXPECT_EQ(reader.id(), "");
}

TEST(Live_message, Welcome_shows_the_event_its_polls_and_who_you_are) {
    const std::vector<std::string> polls{
        wire::write_poll(samples::poll(domain::poll_type::single))};
    const auto known = json::parse(
        wire::write_welcome(samples::event(), polls, base::voter_number{17}, samples::at(20)));
    EXPECT_EQ(known["type"], "welcome");
    EXPECT_EQ(known["event"]["id"], "ev1");
    EXPECT_EQ(known["polls"][0]["question"], "Best act?");
    EXPECT_EQ(known["voter"], 17);
    EXPECT_EQ(known["server_time"], "2026-01-01T20:00:00.000Z");
    EXPECT_TRUE(json::parse(wire::write_welcome(samples::event(), {}, {}, samples::at(20)))["voter"]
                    .is_null());
}

TEST(Live_message, Poll_is_its_answer_with_its_type_under_another_name) {
    const auto poll = samples::poll(domain::poll_type::single);
    const auto text = wire::write_poll_message(poll);
    EXPECT_TRUE(text.starts_with(R"({"type":"poll","id":"po1")")) << text;
    auto expected = json::parse(wire::write_poll(poll));
    expected["poll_type"] = expected["type"];
    expected["type"] = "poll";
    EXPECT_EQ(json::parse(text), expected);
}

TEST(Live_message, Results_are_their_answer_with_a_type) {
    const auto poll = samples::poll(domain::poll_type::single);
    const auto results = samples::results(poll, {samples::chosen(poll, {"a"})});
    auto message = json::parse(wire::write_results_message(results, samples::at(20)));
    EXPECT_EQ(message["type"], "results");
    message.erase("type");
    std::string plain;
    wire::append_results(plain, results, samples::at(20));
    EXPECT_EQ(message, json::parse(plain));
}

TEST(Live_message, Removed_poll_is_named) {
    EXPECT_EQ(wire::write_poll_removed(base::poll_id{"p1"}),
              R"({"type":"poll_removed","poll":"p1"})");
}

TEST(Live_message, Ack_error_and_pong_name_what_they_answer) {
    const auto ack = json::parse(
        wire::write_ack("k-1", "counted", "rc", base::poll_id{"p1"}, 3, samples::at(20)));
    EXPECT_EQ(ack, (json{{"type", "ack"},
                         {"id", "k-1"},
                         {"status", "counted"},
                         {"receipt", "rc"},
                         {"poll", "p1"},
                         {"round", 3},
                         {"at", "2026-01-01T20:00:00.000Z"}}));
    base::failure f{errc::overloaded, "Busy."};
    f.retry_after = base::milliseconds{120};
    EXPECT_EQ(json::parse(wire::write_live_error("k-1", f)), (json{{"type", "error"},
                                                                   {"id", "k-1"},
                                                                   {"code", "overloaded"},
                                                                   {"detail", "Busy."},
                                                                   {"retry_after_ms", 120}}));
    EXPECT_FALSE(json::parse(wire::write_live_error("", f)).contains("id"));
    EXPECT_EQ(json::parse(wire::write_pong("7", samples::at(20))),
              (json{{"type", "pong"}, {"id", "7"}, {"server_time", "2026-01-01T20:00:00.000Z"}}));
}

TEST(Live_message, No_message_has_a_line_break_in_it) {
    const auto event = samples::event("two\nlines\r");
    for (const auto& text : {wire::write_welcome(event, {}, {}, samples::at(20)),
                             wire::write_live_error("x", {errc::internal, "a\nb\r"})})
        EXPECT_EQ(text.find_first_of("\r\n"), std::string::npos) << text;
}

}  // namespace
