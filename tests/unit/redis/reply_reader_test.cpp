#include <redis/reply_reader.hpp>

#include <gtest/gtest.h>

#include <string>

using namespace tallycast::redis;
using namespace std::string_literals;
using kind = reply::kind;

namespace {

reply text(std::string t) { return {kind::text, 0, std::move(t), {}}; }
reply integer(std::int64_t n) { return {kind::integer, n, {}, {}}; }

std::vector<reply> all_of(reply_reader& reader) {
    std::vector<reply> found;
    while (auto one = reader.next()) found.push_back(std::move(*one));
    return found;
}

// The same whether it comes at once or byte by byte.
std::vector<reply> read(const std::string& bytes) {
    reply_reader at_once;
    at_once.feed(bytes);
    auto found = all_of(at_once);
    reply_reader in_pieces;
    std::vector<reply> again;
    for (const char c : bytes) {
        in_pieces.feed({&c, 1});
        for (auto& one : all_of(in_pieces)) again.push_back(std::move(one));
    }
    EXPECT_EQ(found, again);
    EXPECT_FALSE(at_once.failed()) << at_once.why();
    return found;
}

bool refused(const std::string& bytes) {
    reply_reader reader;
    reader.feed(bytes);
    EXPECT_FALSE(reader.next());
    if (!reader.failed()) return false;
    EXPECT_FALSE(reader.why().empty());
    reader.feed("+OK\r\n");
    EXPECT_FALSE(reader.next()) << "nothing is read after a failure";
    return true;
}

TEST(Reply_reader, Reads_every_kind) {
    EXPECT_EQ(read("+OK\r\n-ERR no\r\n:-42\r\n$5\r\na\r\0b\r\r\n$-1\r\n$0\r\n\r\n*-1\r\n*0\r\n"s),
              (std::vector<reply>{{kind::status, 0, "OK", {}},
                                  {kind::error, 0, "ERR no", {}},
                                  integer(-42),
                                  text("a\r\0b\r"s),
                                  {},
                                  text(""),
                                  {},
                                  {kind::array, 0, {}, {}}}));
}

TEST(Reply_reader, Reads_arrays_in_arrays) {
    const reply inner{kind::array, 0, {}, {integer(2), {}, text("x")}};
    EXPECT_EQ(read("*3\r\n:1\r\n*3\r\n:2\r\n$-1\r\n$1\r\nx\r\n:3\r\n:9223372036854775807\r\n"),
              (std::vector<reply>{{kind::array, 0, {}, {integer(1), inner, integer(3)}},
                                  integer(9223372036854775807)}));
}

TEST(Reply_reader, Gives_large_replies_whole) {
    const std::string big(3'000'000, 'z');
    reply_reader reader;
    const std::string bytes = "$3000000\r\n" + big + "\r\n+OK\r\n";
    std::vector<reply> found;
    for (std::size_t at = 0; at < bytes.size(); at += 65536) {
        reader.feed(std::string_view(bytes).substr(at, 65536));
        for (auto& one : all_of(reader)) found.push_back(std::move(one));
    }
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].text, big);
}

TEST(Reply_reader, Refuses_what_is_no_reply) {
    for (const auto& bytes :
         {"HTTP/1.1 400 Bad Request\r\n"s, "\r\n"s, "\0\0\0\0"s, ":12a\r\n"s, "*x\r\n"s,
          "%1\r\n:1\r\n:2\r\n"s, ",1.5\r\n"s, "#t\r\n"s, "_\r\n"s, "$9223372036854775808\r\n"s,
          "*9223372036854775807\r\n"s, "*-2\r\n"s, "$-2\r\n"s, "\x16\x03\x01\x02\x00"s})
        EXPECT_TRUE(refused(bytes)) << bytes;
}

TEST(Reply_reader, Refuses_before_the_announced_bytes_came) {
    EXPECT_TRUE(refused("$67108865\r\n"));
    EXPECT_TRUE(refused("$9223372036854775807\r\n"));
    EXPECT_TRUE(refused("$4611686018427387904\r\nabc"));
    EXPECT_TRUE(refused("$111111111111111111111111111"));
    EXPECT_FALSE(refused("$67108864\r\n"));
    EXPECT_TRUE(refused("*1\r\n$67108865\r\n"));
}

TEST(Reply_reader, Refuses_too_many_elements_over_all_arrays) {
    EXPECT_TRUE(refused("*1000001\r\n"));
    EXPECT_FALSE(refused("*1000000\r\n"));
    std::string many = "*3\r\n*600000\r\n";
    for (int i = 0; i < 600'000; ++i) many += ":1\r\n";
    EXPECT_TRUE(refused(many + "*600000\r\n"));
    EXPECT_FALSE(refused(many));
}

TEST(Reply_reader, Refuses_deep_nesting) {
    std::string deep;
    for (int i = 0; i < deepest_reply; ++i) deep += "*1\r\n";
    EXPECT_EQ(read(deep + ":1\r\n").size(), 1u);
    EXPECT_TRUE(refused(deep + "*1\r\n:1\r\n"));
    std::string deeper;
    for (int i = 0; i < 10'000; ++i) deeper += "*1\r\n";
    EXPECT_TRUE(refused(deeper));
}

TEST(Reply_reader, Refuses_lines_without_end) {
    EXPECT_TRUE(refused("+" + std::string(longest_line + 1, 'x')));
    EXPECT_FALSE(refused("+" + std::string(longest_line - 10, 'x')));
}

}  // namespace
