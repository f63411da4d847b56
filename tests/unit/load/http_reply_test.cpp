#include <tallycast/load/http_reply.hpp>

#include <gtest/gtest.h>

#include <string>

namespace tallycast::load {
namespace {

const std::string whole =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nretry-after:  2 "
    "\r\n"
    "CONTENT-LENGTH: 5\r\nConnection: close\r\n\r\nhello";

TEST(http_reply, A_whole_reply_is_read_and_taken_off) {
    std::string in = whole + "HTTP";
    http_reply got;
    ASSERT_EQ(take_reply(in, got), reply_progress::complete);
    EXPECT_EQ(got.status, 503);
    EXPECT_EQ(got.body, "hello");
    EXPECT_EQ(got.retry_after_s, 2u);
    EXPECT_TRUE(got.closes);
    EXPECT_EQ(in, "HTTP");
}

TEST(http_reply, Every_shorter_beginning_needs_more) {
    for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
        std::string in = whole.substr(0, bytes);
        http_reply got;
        EXPECT_EQ(take_reply(in, got), reply_progress::need_more) << bytes;
        EXPECT_EQ(in.size(), bytes);
    }
}

TEST(http_reply, Nothing_of_one_reply_stays_for_the_next) {
    std::string in = whole + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    http_reply got;
    ASSERT_EQ(take_reply(in, got), reply_progress::complete);
    ASSERT_EQ(take_reply(in, got), reply_progress::complete);
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, "{}");
    EXPECT_FALSE(got.closes);
    EXPECT_FALSE(got.retry_after_s.has_value());
}

TEST(http_reply, No_content_has_no_body) {
    std::string in = "HTTP/1.1 204 No Content\r\nServer: x\r\n\r\n";
    http_reply got;
    EXPECT_EQ(take_reply(in, got), reply_progress::complete);
    EXPECT_TRUE(in.empty());
}

TEST(http_reply, What_cannot_be_followed_is_broken) {
    const char* cases[] = {
        "SSH-2.0-OpenSSH\r\n\r\n",
        "HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
    };
    for (const std::string text : cases) {
        std::string in = text;
        http_reply got;
        EXPECT_EQ(take_reply(in, got), reply_progress::broken) << text;
    }
}

TEST(http_reply, A_head_without_end_is_broken_at_the_limit) {
    std::string in = "HTTP/1.1 200 OK\r\nX: " + std::string(max_reply_header, 'x');
    http_reply got;
    EXPECT_EQ(take_reply(in, got), reply_progress::broken);
}

}  // namespace
}  // namespace tallycast::load
