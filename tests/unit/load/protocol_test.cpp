#include <tallycast/load/json_scan.hpp>
#include <tallycast/load/protocol.hpp>
#include <tallycast/load/ws_frame.hpp>

#include <gtest/gtest.h>

#include <string>

namespace tallycast::load {
namespace {

const stage here{"127.0.0.1:8080", "CODE77", "ev", "po"};
const question vote_question{question::kind::vote, "tcv_1", "key-1", "b", {}};

std::string from_node(std::string_view payload, unsigned char first = 0x81) {
    std::string frame(1, static_cast<char>(first));
    frame.push_back(static_cast<char>(payload.size()));
    return frame.append(payload);
}

// What the client said, unmasked.
std::vector<std::string> said(std::string bytes) {
    std::vector<std::string> texts;
    while (!bytes.empty()) {
        const auto length = static_cast<std::size_t>(bytes[1] & 0x7f);
        EXPECT_TRUE(bytes[1] & 0x80) << "a client masks";
        std::string text = bytes.substr(6, length);
        for (std::size_t i = 0; i < length; ++i)
            text[i] = static_cast<char>(text[i] ^ bytes[2 + i % 4]);
        texts.push_back(text);
        bytes.erase(0, 6 + length);
    }
    return texts;
}

TEST(json_scan, Members_are_found_past_look_alikes_and_spaces) {
    const std::string_view json = R"({"x":"token","token" : "tcv_a","n":{"number":
 17}})";
    EXPECT_EQ(text_member(json, "token"), "tcv_a");
    EXPECT_EQ(number_member(json, "number"), 17u);
    EXPECT_FALSE(text_member(json, "number").has_value());
    EXPECT_FALSE(number_member(json, "none").has_value());
    EXPECT_FALSE(text_member(R"({"token":"cut)", "token").has_value());
}

TEST(http_protocol, A_vote_is_a_request_with_token_key_and_length) {
    const auto speaks = make_http_protocol(here);
    std::string out;
    EXPECT_TRUE(speaks->begin(out));
    speaks->ask(vote_question, out);
    EXPECT_TRUE(out.starts_with("POST /v1/polls/po/votes HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n"));
    EXPECT_NE(out.find("\r\nAuthorization: Bearer tcv_1\r\n"), std::string::npos);
    EXPECT_NE(out.find("\r\nIdempotency-Key: key-1\r\n"), std::string::npos);
    EXPECT_NE(out.find("\r\nContent-Length: 17\r\n"), std::string::npos);
    EXPECT_TRUE(out.ends_with("\r\n\r\n{\"choices\":[\"b\"]}"));
}

TEST(http_protocol, A_refusal_carries_its_code_and_the_exact_wait) {
    const auto speaks = make_http_protocol(here);
    const std::string body = R"({"status":503,"code":"overloaded","retry_after_ms":120})";
    std::string in =
        "HTTP/1.1 503 x\r\nRetry-After: 1\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\n\r\n" + body;
    std::string out;
    const auto got = speaks->consume(in, out);
    ASSERT_EQ(got.what, event::answered);
    EXPECT_EQ(got.reply.status, 503);
    EXPECT_EQ(got.reply.word, "overloaded");
    EXPECT_EQ(got.reply.retry_after, std::chrono::milliseconds(120));
}

TEST(live_protocol, Votes_wait_for_the_welcome_and_the_ack_with_their_key) {
    const auto speaks = make_live_protocol(here);
    std::string out;
    EXPECT_FALSE(speaks->begin(out));
    EXPECT_TRUE(out.starts_with("GET /v1/events/ev/live HTTP/1.1\r\n"));
    out.clear();
    std::string in = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
    EXPECT_EQ(speaks->consume(in, out).what, event::need_more);
    in = from_node(R"({"type":"welcome","voter":null})");
    EXPECT_EQ(speaks->consume(in, out).what, event::ready);
    speaks->ask(vote_question, out);
    EXPECT_EQ(said(out), std::vector<std::string>{R"({"type":"auth","token":"tcv_1"})"});
    out.clear();
    in = from_node(R"({"type":"welcome","voter":1})");
    EXPECT_EQ(speaks->consume(in, out).what, event::need_more);
    const std::string vote = R"({"type":"vote","id":"key-1","poll":"po","choices":["b"]})";
    EXPECT_EQ(said(out), std::vector<std::string>{vote});
    in = from_node(R"({"type":"ack","id":"other","status":"counted","receipt":"r0"})") +
         from_node(R"({"type":"results","poll":"po"})") +
         from_node(R"({"type":"ack","id":"key-1","status":"counted","receipt":"r1"})");
    const auto got = speaks->consume(in, out);
    ASSERT_EQ(got.what, event::answered);
    EXPECT_EQ(got.reply.status, 200);
    EXPECT_EQ(got.reply.receipt, "r1");
}

TEST(live_protocol, A_refused_auth_answers_the_ballot_and_is_made_again_for_the_next) {
    const auto speaks = make_live_protocol(here);
    std::string out;
    speaks->begin(out);
    std::string in = "HTTP/1.1 101 x\r\n\r\n" + from_node(R"({"type":"welcome"})");
    ASSERT_EQ(speaks->consume(in, out).what, event::ready);
    speaks->ask(vote_question, out);
    in = from_node(R"({"type":"error","code":"rate_limited","retry_after_ms":9})");
    const auto got = speaks->consume(in, out);
    ASSERT_EQ(got.what, event::answered);
    EXPECT_EQ(got.reply.status, 429);
    out.clear();
    speaks->ask(vote_question, out);
    EXPECT_EQ(said(out), std::vector<std::string>{R"({"type":"auth","token":"tcv_1"})"});
}

TEST(live_protocol, Pings_are_answered_fragments_joined_and_a_close_breaks) {
    const auto speaks = make_live_protocol(here);
    std::string out;
    speaks->begin(out);
    out.clear();
    std::string in =
        "HTTP/1.1 101 x\r\n\r\n" + from_node("hi", 0x89) + from_node(R"({"type":"wel)", 0x01);
    EXPECT_EQ(speaks->consume(in, out).what, event::need_more);
    EXPECT_EQ(said(out), std::vector<std::string>{"hi"});
    in += from_node(R"(come"})", 0x80);
    EXPECT_EQ(speaks->consume(in, out).what, event::ready);
    in = from_node("\x03\xe8", 0x88);
    EXPECT_EQ(speaks->consume(in, out).what, event::broken);
}

TEST(live_protocol, A_refused_upgrade_breaks) {
    const auto speaks = make_live_protocol(here);
    std::string out;
    speaks->begin(out);
    std::string in = "HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n";
    EXPECT_EQ(speaks->consume(in, out).what, event::broken);
}

TEST(live_protocol, An_error_keeps_its_wait_and_the_status_of_its_code) {
    const auto speaks = make_live_protocol(here);
    std::string out;
    speaks->begin(out);
    std::string in = "HTTP/1.1 101 x\r\n\r\n" + from_node(R"({"type":"welcome"})");
    ASSERT_EQ(speaks->consume(in, out).what, event::ready);
    speaks->ask(vote_question, out);
    in = from_node(R"({"type":"error","id":"key-1","code":"rate_limited","retry_after_ms":7})");
    const auto got = speaks->consume(in, out);
    ASSERT_EQ(got.what, event::answered);
    EXPECT_EQ(got.reply.status, 429);
    EXPECT_EQ(got.reply.retry_after, std::chrono::milliseconds(7));
}

TEST(ws_frame, Lengths_of_all_three_forms_survive) {
    for (const std::size_t size : {0u, 125u, 126u, 65'535u, 65'536u}) {
        std::string bytes;
        append_masked(bytes, ws_opcode::text, std::string(size, 'x'),
                      0);  // a mask of zeros hides nothing
        bytes[1] = static_cast<char>(bytes[1] & 0x7f);
        bytes.erase(size < 126 ? 2 : size < 65'536 ? 4 : 10, 4);
        std::string cut = bytes.substr(0, bytes.size() - 1);
        ws_frame got;
        EXPECT_EQ(take_frame(cut, got), ws_progress::need_more) << size;
        ASSERT_EQ(take_frame(bytes, got), ws_progress::complete) << size;
        EXPECT_EQ(got.payload.size(), size);
        EXPECT_TRUE(bytes.empty());
    }
}

TEST(ws_frame, Frames_no_server_may_send_are_broken) {
    ws_frame got;
    for (std::string bytes :
         {std::string("\xc1\x00", 2), std::string("\x81\x80", 2), std::string("\x83\x00", 2),
          std::string("\x81\x7f\x00\x00\x00\x7f\xff\xff\xff\xff", 10)}) {
        EXPECT_EQ(take_frame(bytes, got), ws_progress::broken);
    }
}

}  // namespace
}  // namespace tallycast::load
