#include <tallycast/wire/ws_frame.hpp>

#include <fuzz/ws_model.hpp>

#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <string_view>
#include <vector>

namespace tallycast::wire {
namespace {

using namespace std::string_literals;
using fuzz::ws_lines;

constexpr std::uint32_t mask = 0x37FA213D;

std::string masked(ws_opcode opcode, std::string_view payload, bool final = true) {
    std::string out;
    append_masked_frame(out, opcode, payload, mask, final);
    return out;
}

std::string text(std::string_view payload, bool final = true) {
    return masked(ws_opcode::text, payload, final);
}
std::string more(std::string_view payload, bool final) {
    return masked(ws_opcode::continuation, payload, final);
}
std::string ping(std::string_view payload) { return masked(ws_opcode::ping, payload); }

std::string close_with(std::uint16_t code, std::string_view reason = {}) {
    const std::string payload{static_cast<char>(code >> 8), static_cast<char>(code)};
    return masked(ws_opcode::close, payload + std::string(reason));
}

// A head as given, then a mask of zeros and the payload as it is.
std::string raw(std::string_view head, std::string_view payload = {}) {
    return std::string(head) + std::string(4, '\0') + std::string(payload);
}

std::string many(std::size_t times, std::string_view frame) {
    std::string out;
    while (times-- > 0) out += frame;
    return out;
}

struct ws_case {
    const char* name;
    std::string stream;
    ws_lines events;
};

void PrintTo(const ws_case& c, std::ostream* out) { *out << c.name; }

const std::string e_acute = "\xC3\xA9";
const std::string euro = "\xE2\x82\xAC";

std::vector<ws_case> framing_cases() {
    return {
        {"Text_of_the_rfc", "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s, {"text Hello"}},
        {"Empty_text", text(""), {"text "}},
        {"Binary", masked(ws_opcode::binary, "\0\xFF"s), {"binary \0\xFF"s}},
        {"Two_messages", text("a") + text("b"), {"text a", "text b"}},
        {"Length_125", text(std::string(125, 'x')), {"text " + std::string(125, 'x')}},
        {"Length_126", text(std::string(126, 'x')), {"text " + std::string(126, 'x')}},
        {"Unmasked", "\x81\x01x", {"failure 1002"}},
        {"First_reserved_bit", raw("\xC1\x80"s), {"failure 1002"}},
        {"Second_reserved_bit", raw("\xA1\x80"s), {"failure 1002"}},
        {"Third_reserved_bit", raw("\x91\x80"s), {"failure 1002"}},
        {"Opcode_3", raw("\x83\x80"s), {"failure 1002"}},
        {"Opcode_7", raw("\x87\x80"s), {"failure 1002"}},
        {"Opcode_11", raw("\x8B\x80"s), {"failure 1002"}},
        {"Opcode_15", raw("\x8F\x80"s), {"failure 1002"}},
        {"Short_length_in_two_bytes",
         raw("\x81\xFE\x00\x7D"s, std::string(125, 'x')),
         {"failure 1002"}},
        {"Short_length_in_eight_bytes", raw("\x81\xFF\0\0\0\0\0\0\xFF\xFF"s), {"failure 1002"}},
        {"Length_of_2_to_the_63", raw("\x81\xFF\x80\0\0\0\0\0\0\0"s), {"failure 1002"}},
        {"Length_of_2_to_the_62", raw("\x81\xFF\x40\0\0\0\0\0\0\0"s), {"failure 1009"}},
        {"Longest_message", text(std::string(4096, 'x')), {"text " + std::string(4096, 'x')}},
        {"Message_too_long_by_its_declared_length", raw("\x81\xFE\x10\x01"s), {"failure 1009"}},
        {"Nothing_after_a_failure", "\x81\x01x"s + text("a"), {"failure 1002"}},
        {"Half_a_head", "\x81"s, {}},
        {"Half_a_payload", text("Hello").substr(0, 8), {}},
    };
}

std::vector<ws_case> fragment_cases() {
    return {
        {"Two_fragments", text("Hel", false) + more("lo", true), {"text Hello"}},
        {"Empty_fragments", text("", false) + more("", false) + more("", true), {"text "}},
        {"Binary_fragments",
         masked(ws_opcode::binary, "\xFF", false) + more("\xFE", true),
         {"binary \xFF\xFE"}},
        {"Ping_between_fragments",
         text("Hel", false) + ping("p") + more("lo", true),
         {"ping p", "text Hello"}},
        {"Message_after_fragments",
         text("a", false) + more("b", true) + text("c"),
         {"text ab", "text c"}},
        {"Nothing_to_continue", more("x", true), {"failure 1002"}},
        {"Nothing_to_continue_any_more",
         text("a", false) + more("b", true) + more("c", true),
         {"text ab", "failure 1002"}},
        {"Message_within_a_message", text("a", false) + text("b"), {"failure 1002"}},
        {"Sixty_four_fragments",
         text("", false) + many(62, more("", false)) + more("x", true),
         {"text x"}},
        {"Sixty_five_fragments",
         text("", false) + many(63, more("", false)) + more("x", true),
         {"failure 4400"}},
        {"Fragments_together_too_long",
         text(std::string(4000, 'x'), false) + more(std::string(97, 'x'), true),
         {"failure 1009"}},
        {"Fragments_together_just_fit",
         text(std::string(4000, 'x'), false) + more(std::string(96, 'x'), true),
         {"text " + std::string(4096, 'x')}},
    };
}

std::vector<ws_case> control_cases() {
    return {
        {"Ping_without_payload", ping(""), {"ping "}},
        {"Ping_of_125", ping(std::string(125, 'p')), {"ping " + std::string(125, 'p')}},
        {"Ping_of_126", ping(std::string(126, 'p')), {"failure 1002"}},
        {"Pong_nobody_asked_for", masked(ws_opcode::pong, "x"), {"pong x"}},
        {"Fragmented_ping", masked(ws_opcode::ping, "x", false), {"failure 1002"}},
        {"Fragmented_close", masked(ws_opcode::close, "", false), {"failure 1002"}},
        {"Twenty_pings", many(20, ping("")), ws_lines(20, "ping ")},
        {"Twenty_one_pings", many(21, ping("")),
         [] {
             ws_lines l(20, "ping ");
             l.push_back("failure 4429");
             return l;
         }()},
        {"Close_without_code", masked(ws_opcode::close, ""), {"close 1005 "}},
        {"Close_with_reason", close_with(1000, "bye " + euro), {"close 1000 bye " + euro}},
        {"Close_with_one_byte", masked(ws_opcode::close, "\x03"), {"failure 1002"}},
        {"Close_with_bad_reason", close_with(1000, "\xC3"), {"failure 1007"}},
        {"Nothing_after_close", close_with(1001) + text("x") + "\xFF\xFF", {"close 1001 "}},
        {"Close_within_a_message", text("a", false) + close_with(1000), {"close 1000 "}},
    };
}

std::vector<ws_case> text_cases() {
    std::vector<ws_case> cases{
        {"Character_across_fragments",
         text("\xE2", false) + more("\x82", false) + more("\xAC", true),
         {"text " + euro}},
        {"Character_cut_off_at_the_end", text("a\xE2\x82"), {"failure 1007"}},
        {"Character_cut_off_in_the_last_fragment",
         text("a\xE2", false) + more("\x82", true),
         {"failure 1007"}},
        {"Bad_first_fragment_fails_at_once", text("\xFF", false), {"failure 1007"}},
        {"Bad_beginning_of_a_long_frame_fails_at_once",
         text("\xFF"s + std::string(200, 'x')).substr(0, 12),
         {"failure 1007"}},
        {"Bad_utf8_in_binary_is_no_matter", masked(ws_opcode::binary, "\xFF"), {"binary \xFF"}},
    };
    for (const auto& good :
         {"\x7F"s, "\xC2\x80"s, "\xDF\xBF"s, "\xE0\xA0\x80"s, "\xED\x9F\xBF"s, "\xEE\x80\x80"s,
          "\xEF\xBF\xBF"s, "\xF0\x90\x80\x80"s, "\xF4\x8F\xBF\xBF"s, "\0"s}) {
        cases.push_back({"Edge_of_what_is_utf8", text("x" + good + "y"), {"text x" + good + "y"}});
    }
    for (const auto& bad :
         {"\x80"s, "\xBF"s, "\xC0\x80"s, "\xC1\xBF"s, "\xE0\x9F\xBF"s, "\xED\xA0\x80"s,
          "\xED\xBF\xBF"s, "\xF0\x8F\xBF\xBF"s, "\xF4\x90\x80\x80"s, "\xF5\x80\x80\x80"s, "\xFE"s,
          "\xC3("s, "\xE2\x82("s}) {
        cases.push_back(
            {"Past_the_edge_of_what_is_utf8", text("12345678" + bad + "y"), {"failure 1007"}});
    }
    return cases;
}

class Ws_frames : public testing::TestWithParam<ws_case> {};

TEST_P(Ws_frames, Give_the_same_events_however_they_are_cut) {
    const ws_case& c = GetParam();
    EXPECT_EQ(fuzz::decoded(c.stream, {}), c.events) << "whole";
    std::vector<std::size_t> everywhere(c.stream.size());
    std::iota(everywhere.begin(), everywhere.end(), std::size_t{0});
    EXPECT_EQ(fuzz::decoded(c.stream, everywhere), c.events) << "byte by byte";
    for (const std::size_t cut : everywhere) {
        EXPECT_EQ(fuzz::decoded(c.stream, {cut}), c.events) << "cut at " << cut;
    }
    EXPECT_EQ(fuzz::naive_ws(c.stream, ws_limits{}).lines(), c.events) << "the plain decoder";
}

INSTANTIATE_TEST_SUITE_P(Framing, Ws_frames, testing::ValuesIn(framing_cases()));
INSTANTIATE_TEST_SUITE_P(Fragments, Ws_frames, testing::ValuesIn(fragment_cases()));
INSTANTIATE_TEST_SUITE_P(Control, Ws_frames, testing::ValuesIn(control_cases()));
INSTANTIATE_TEST_SUITE_P(Text, Ws_frames, testing::ValuesIn(text_cases()));

TEST(Ws_close, Takes_the_codes_of_the_registry_and_of_applications_and_no_others) {
    for (int code = 0; code < 0x10000; ++code) {
        const bool reserved = code < 1000 || code == 1004 || code == 1005 || code == 1006 ||
                              (code > 1014 && code < 3000);
        const bool good = !reserved && code < 5000;
        const auto lines = fuzz::decoded(close_with(static_cast<std::uint16_t>(code)), {});
        ASSERT_EQ(lines, (ws_lines{good ? "close " + std::to_string(code) + ' ' : "failure 1002"}))
            << code;
    }
}

TEST(Ws_encoder, Uses_the_shortest_form_of_each_length) {
    const auto head = [](std::size_t length) {
        const std::string frame = encode_text(std::string(length, 'x'));
        return frame.substr(0, frame.size() - length);
    };
    EXPECT_EQ(head(0), "\x81\x00"s);
    EXPECT_EQ(head(125), "\x81\x7D"s);
    EXPECT_EQ(head(126), "\x81\x7E\x00\x7E"s);
    EXPECT_EQ(head(65535), "\x81\x7E\xFF\xFF"s);
    EXPECT_EQ(head(65536), "\x81\x7F\0\0\0\0\0\x01\0\0"s);
    EXPECT_EQ(encode_text("Hello"), "\x81\x05Hello");
}

TEST(Ws_encoder, Leaves_a_message_open_when_told_so) {
    std::string out;
    append_frame(out, ws_opcode::text, "Hel", false);
    append_frame(out, ws_opcode::continuation, "lo");
    EXPECT_EQ(out, "\x01\x03Hel\x80\x02lo");
}

TEST(Ws_encoder, Masks_as_the_rfc_shows) {
    EXPECT_EQ(text("Hello"), "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
}

TEST(Ws_encoder, Answers_a_ping_with_its_payload) {
    std::string out;
    append_pong(out, "abc");
    EXPECT_EQ(out, "\x8A\x03"s + "abc");
}

TEST(Ws_encoder, Closes_with_a_code_a_reason_both_or_none) {
    const auto closed = [](std::uint16_t code, std::string_view reason) {
        std::string out;
        append_close(out, code, reason);
        return out;
    };
    EXPECT_EQ(closed(1000, ""), "\x88\x02\x03\xE8"s);
    EXPECT_EQ(closed(4400, "no"), "\x88\x04\x11\x30no"s);
    EXPECT_EQ(closed(ws_code::none, "ignored"), "\x88\x00"s);
}

TEST(Ws_encoder, Cuts_a_long_reason_between_characters) {
    std::string out;
    append_close(out, 1000, std::string(122, 'x') + e_acute);
    EXPECT_EQ(out, "\x88\x7C\x03\xE8"s + std::string(122, 'x'));
    out.clear();
    append_close(out, 1000, std::string(121, 'x') + e_acute + "!");
    EXPECT_EQ(out, "\x88\x7D\x03\xE8"s + std::string(121, 'x') + e_acute);
}

TEST(Ws_key, Is_sixteen_bytes_in_their_one_canonical_form) {
    EXPECT_TRUE(is_valid_ws_key("dGhlIHNhbXBsZSBub25jZQ=="));
    EXPECT_TRUE(is_valid_ws_key("AAAAAAAAAAAAAAAAAAAAAA=="));
    EXPECT_TRUE(is_valid_ws_key("+/+/+/+/+/+/+/+/+/+/+w=="));
    const std::string_view wrong[] = {
        "",
        "dGhlIHNhbXBsZSBub25jZQ",
        "dGhlIHNhbXBsZSBub25jZQ=",
        "dGhlIHNhbXBsZSBub25jZQ===",
        "dGhlIHNhbXBsZSBub25jZR==",  // spare bits are set
        "dGhlIHNhbXBsZSBub25jZ===",
        "dGhlIHNhbXBsZSBub25jZQAA",
        "dGhlIHNhbXBsZSBub25_ZQ==",
        "dGhlIHNhbXBsZSBub2 jZQ==",
        " dGhlIHNhbXBsZSBub25jZQ==",
        "dGhlIHNhbXBsZSBub25jZQ== ",
    };
    for (const auto key : wrong) EXPECT_FALSE(is_valid_ws_key(key)) << key;
}

}  // namespace
}  // namespace tallycast::wire
