// What the table of frames cannot show: time, memory, and streams that nobody thought of.

#include <tallycast/wire/ws_frame.hpp>

#include <fuzz/ws_model.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace tallycast::wire {
namespace {

using namespace std::chrono_literals;
using base::mono_time;
using fuzz::ws_lines;

std::string masked(ws_opcode opcode, std::string_view payload, bool final = true) {
    std::string out;
    append_masked_frame(out, opcode, payload, 0xA5C30F96, final);
    return out;
}

const mono_time start{100h};

class Ws_decoder_in_time : public testing::Test {
protected:
    ws_lines feed(std::string_view piece, mono_time now) {
        ws_lines lines;
        fuzz::feed(decoder, piece, now, lines);
        return lines;
    }
    ws_decoder decoder;
};

TEST_F(Ws_decoder_in_time, Takes_as_many_pings_again_in_the_next_second) {
    for (int second = 0; second < 5; ++second) {
        for (int i = 0; i < 20; ++i) {
            EXPECT_EQ(feed(masked(ws_opcode::ping, ""), start + second * 1s + i * 50ms),
                      ws_lines{"ping "});
        }
    }
}

TEST_F(Ws_decoder_in_time, Counts_pings_and_pongs_together) {
    for (int i = 0; i < 10; ++i) {
        feed(masked(ws_opcode::ping, ""), start);
        feed(masked(ws_opcode::pong, ""), start);
    }
    EXPECT_EQ(feed(masked(ws_opcode::pong, ""), start + 999ms), ws_lines{"failure 4429"});
}

TEST_F(Ws_decoder_in_time, Has_no_deadline_while_nothing_is_half_arrived) {
    EXPECT_EQ(decoder.deadline(), mono_time::max());
    feed(masked(ws_opcode::text, "abc"), start);
    EXPECT_EQ(decoder.deadline(), mono_time::max());
}

TEST_F(Ws_decoder_in_time, Gives_a_message_ten_seconds_from_its_first_byte) {
    const std::string frame = masked(ws_opcode::text, "abc");
    feed(frame.substr(0, 1), start);
    EXPECT_EQ(decoder.deadline(), start + 10s);
    feed(frame.substr(1, 6), start + 5s);
    EXPECT_EQ(decoder.deadline(), start + 10s);
    EXPECT_EQ(feed(frame.substr(7), start + 10s), ws_lines{"text abc"});
    EXPECT_EQ(decoder.deadline(), mono_time::max());
}

TEST_F(Ws_decoder_in_time, Refuses_a_message_that_trickles) {
    feed(masked(ws_opcode::text, "a", false), start);
    for (int second = 1; second <= 10; ++second) {
        EXPECT_TRUE(feed(masked(ws_opcode::continuation, "b", false), start + second * 1s).empty());
    }
    EXPECT_EQ(feed(masked(ws_opcode::continuation, "c"), start + 10s + 1ms),
              ws_lines{"failure 4408"});
}

TEST_F(Ws_decoder_in_time, Is_not_made_to_forget_a_stuck_message_by_pings) {
    feed(masked(ws_opcode::text, "a", false), start);
    for (int second = 1; second <= 10; ++second)
        feed(masked(ws_opcode::ping, ""), start + second * 1s);
    EXPECT_EQ(decoder.deadline(), start + 10s);
    EXPECT_EQ(feed(masked(ws_opcode::ping, ""), start + 11s), ws_lines{"failure 4408"});
}

TEST_F(Ws_decoder_in_time, Tells_a_sweeper_of_a_stuck_message_without_bytes) {
    feed(masked(ws_opcode::text, "a", false), start);
    EXPECT_TRUE(feed("", start + 10s).empty());
    EXPECT_EQ(feed("", start + 10s + 1ms), ws_lines{"failure 4408"});
    EXPECT_EQ(decoder.deadline(), mono_time::max());
}

TEST_F(Ws_decoder_in_time, Begins_the_time_of_each_message_anew) {
    feed(masked(ws_opcode::text, "a", false), start);
    feed(masked(ws_opcode::continuation, "b"), start + 9s);
    feed(masked(ws_opcode::text, "c", false), start + 20s);
    EXPECT_EQ(decoder.deadline(), start + 30s);
}

TEST(Ws_decoder, Repeats_its_failure_and_takes_all_bytes) {
    ws_decoder decoder;
    std::string bytes = "\x81\x01x and more";
    for (int i = 0; i < 3; ++i) {
        const ws_step step = decoder.next(bytes, start);
        EXPECT_EQ(step.event, ws_event::failure);
        EXPECT_EQ(step.code, ws_code::protocol_error);
        EXPECT_EQ(step.consumed, bytes.size());
        EXPECT_FALSE(step.payload.empty());
    }
}

TEST(Ws_decoder, Reads_a_whole_message_where_it_lies) {
    ws_decoder decoder;
    std::string bytes = masked(ws_opcode::text, "Hello") + masked(ws_opcode::text, "again");
    const ws_step step = decoder.next(bytes, start);
    ASSERT_EQ(step.event, ws_event::message);
    EXPECT_EQ(step.payload.data(), bytes.data() + 6);
    EXPECT_EQ(step.consumed, 11u);
}

TEST(Ws_decoder, Weighs_no_more_than_a_cache_line_while_it_waits) {
    EXPECT_LE(sizeof(ws_decoder), 64u);
}

std::string some_text(std::mt19937& random) {
    static const std::vector<std::string> pieces{
        "a", "12345678", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x8E\x89", "\xE2", "\x82", "\xFF"};
    std::string out;
    for (auto n = random() % 8; n > 0; --n)
        out += pieces[random() % (random() % 8 == 0 ? pieces.size() : 5)];
    return out;
}

std::string some_stream(std::mt19937& random) {
    std::string out;
    bool open = false;
    for (auto n = 1 + random() % 8; n > 0; --n) {
        const auto dice = random() % 10;
        if (dice == 0)
            out += masked(random() % 2 == 0 ? ws_opcode::ping : ws_opcode::pong, some_text(random));
        else if (dice == 1 && random() % 4 == 0) out += masked(ws_opcode::close, some_text(random));
        else {
            const auto first = random() % 4 == 0 ? ws_opcode::binary : ws_opcode::text;
            const bool final = random() % 2 == 0;
            out += masked(open ? ws_opcode::continuation : first,
                          random() % 16 == 0 ? std::string(150, 'x') : some_text(random), final);
            open = !final;
        }
    }
    if (random() % 3 == 0 && !out.empty()) out[random() % out.size()] = static_cast<char>(random());
    if (random() % 5 == 0) out.resize(random() % (out.size() + 1));
    return out;
}

TEST(Ws_decoder, Agrees_with_a_plain_decoder_on_random_streams_cut_at_random) {
    std::mt19937 random(20261124);
    const ws_limits limits{.message_bytes = 200, .fragments = 4, .control_per_second = 3};
    for (int round = 0; round < 20'000; ++round) {
        const std::string stream = some_stream(random);
        std::vector<std::size_t> cuts(random() % 6);
        for (auto& cut : cuts) cut = random() % (stream.size() + 1);
        std::sort(cuts.begin(), cuts.end());
        ASSERT_EQ(fuzz::decoded(stream, cuts, limits), fuzz::naive_ws(stream, limits).lines())
            << "round " << round;
    }
}

TEST(Ws_decoder, Takes_any_garbage_without_harm) {
    std::mt19937 random(7);
    for (int round = 0; round < 20'000; ++round) {
        std::string garbage(random() % 64, '\0');
        for (char& byte : garbage) byte = static_cast<char>(random());
        ASSERT_EQ(fuzz::decoded(garbage, {garbage.size() / 2}),
                  fuzz::naive_ws(garbage, ws_limits{}).lines());
    }
}

}  // namespace
}  // namespace tallycast::wire
