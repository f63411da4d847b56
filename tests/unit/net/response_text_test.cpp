#include <tallycast/net/response_text.hpp>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <ctime>
#include <random>
#include <string>

namespace tallycast::net {
namespace {

namespace http = boost::beast::http;

// Read back by somebody else: what we write must be what others understand.
http::response<http::string_body> read_back(const std::string& text, bool to_head = false) {
    http::response_parser<http::string_body> parser;
    parser.eager(true);
    parser.skip(to_head);
    boost::beast::error_code error;
    const auto used = parser.put(boost::asio::buffer(text), error);
    EXPECT_FALSE(error) << error.message() << "\n" << text;
    EXPECT_EQ(used, text.size()) << text;
    if (!error && parser.need_eof()) parser.put_eof(error);
    EXPECT_TRUE(parser.is_done()) << text;
    return parser.release();
}

response_head plain_head() {
    response_head head;
    head.content_type = "application/json";
    head.request_id = "r-1";
    head.date = "Sun, 06 Nov 1994 08:49:37 GMT";
    return head;
}

TEST(Response_text, Is_understood_with_all_its_fields) {
    auto head = plain_head();
    head.status = 429;
    head.extra = "Retry-After: 1\r\nRateLimit: \"voter\";r=0;t=1\r\n";
    std::string out = "before";
    append_response(out, head, R"({"code":"rate_limited"})");
    ASSERT_EQ(out.substr(0, 6), "before");
    const auto read = read_back(out.substr(6));
    EXPECT_EQ(read.result_int(), 429U);
    EXPECT_EQ(read.reason(), "Too Many Requests");
    EXPECT_EQ(read[http::field::content_type], "application/json");
    EXPECT_EQ(read[http::field::content_length], "23");
    EXPECT_EQ(read["X-Request-Id"], "r-1");
    EXPECT_EQ(read[http::field::date], "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(read[http::field::cache_control], "no-store");
    EXPECT_EQ(read["X-Content-Type-Options"], "nosniff");
    EXPECT_EQ(read["Referrer-Policy"], "no-referrer");
    EXPECT_EQ(read["Content-Security-Policy"], "default-src 'none'; frame-ancestors 'none'");
    EXPECT_EQ(read[http::field::retry_after], "1");
    EXPECT_EQ(read["RateLimit"], "\"voter\";r=0;t=1");
    EXPECT_EQ(read[http::field::server], "");
    EXPECT_EQ(read.body(), R"({"code":"rate_limited"})");
    EXPECT_TRUE(read.keep_alive());
}

TEST(Response_text, Leaves_out_what_is_empty) {
    std::string out;
    append_response(out, response_head{}, "");
    const auto read = read_back(out);
    EXPECT_EQ(read.count(http::field::content_type), 0U);
    EXPECT_EQ(read.count("X-Request-Id"), 0U);
    EXPECT_EQ(read.count(http::field::date), 0U);
    EXPECT_EQ(read[http::field::content_length], "0");
}

TEST(Response_text, To_a_head_request_has_the_length_but_not_the_body) {
    std::string out;
    append_response(out, plain_head(), "hello", true);
    const auto read = read_back(out, true);
    EXPECT_EQ(read[http::field::content_length], "5");
    EXPECT_EQ(out.find("hello"), std::string::npos);
}

TEST(Response_text, Without_content_has_neither_length_nor_body) {
    for (const unsigned status : {101U, 204U, 304U}) {
        auto head = plain_head();
        head.status = status;
        std::string out;
        append_response(out, head, "");
        EXPECT_EQ(out.find("Content-Length"), std::string::npos) << status;
        EXPECT_EQ(out.substr(out.size() - 4), "\r\n\r\n") << status;
    }
}

struct connection_case {
    bool http_1_1;
    bool keep_alive;
    std::string_view field;
};

TEST(Response_text, Says_of_the_connection_only_what_the_version_does_not_imply) {
    const connection_case cases[] = {{true, true, ""},
                                     {true, false, "close"},
                                     {false, true, "keep-alive"},
                                     {false, false, "close"}};
    for (const auto& one : cases) {
        auto head = plain_head();
        head.http_1_1 = one.http_1_1;
        head.keep_alive = one.keep_alive;
        std::string out;
        append_response(out, head, "x");
        EXPECT_EQ(read_back(out)[http::field::connection], one.field);
    }
}

TEST(Response_text, Of_a_stream_ends_with_the_connection) {
    std::string out;
    append_stream_head(out, plain_head());
    const auto read = read_back(out + "data: 1\n\n");
    EXPECT_EQ(read[http::field::connection], "close");
    EXPECT_EQ(read.count(http::field::content_length), 0U);
    EXPECT_EQ(read.body(), "data: 1\n\n");
}

TEST(Response_text, Can_be_one_after_another) {
    std::string out;
    append_continue(out);
    EXPECT_EQ(out, "HTTP/1.1 100 Continue\r\n\r\n");
    const auto first = out.size();
    append_response(out, plain_head(), "one");
    const auto second = out.size();
    append_response(out, plain_head(), "two");
    EXPECT_EQ(read_back(out.substr(first, second - first)).body(), "one");
    EXPECT_EQ(read_back(out.substr(second)).body(), "two");
}

TEST(Response_text, Has_a_reason_for_every_status_of_the_contract) {
    for (const unsigned status : {200U, 201U, 202U, 204U, 206U, 304U, 400U, 401U, 403U, 404U, 405U,
                                  409U, 410U, 413U, 415U, 416U, 422U, 429U, 431U, 500U, 503U}) {
        auto head = plain_head();
        head.status = status;
        std::string out;
        append_response(out, head, "");
        EXPECT_EQ(out.find("Unknown"), std::string::npos) << out;
    }
}

TEST(Date_text, Is_that_of_the_C_library) {
    date_text date;
    std::mt19937_64 random(7);
    for (int i = 0; i < 5000; ++i) {
        const auto seconds = static_cast<std::time_t>(random() % 4102444800U);  // up to 2100
        std::tm parts{};
        gmtime_r(&seconds, &parts);
        char expected[40];
        std::strftime(expected, sizeof expected, "%a, %d %b %Y %H:%M:%S GMT", &parts);
        const base::wall_time now{std::chrono::seconds{seconds} + base::milliseconds{i % 1000}};
        ASSERT_EQ(date.at(now), expected);
    }
}

TEST(Date_text, Stays_through_a_second_and_then_moves_on) {
    date_text date;
    EXPECT_EQ(date.at(base::wall_time{base::milliseconds{0}}), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(date.at(base::wall_time{base::milliseconds{999}}), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(date.at(base::wall_time{base::milliseconds{1000}}), "Thu, 01 Jan 1970 00:00:01 GMT");
    EXPECT_EQ(date.at(base::wall_time{base::milliseconds{-1}}), "Wed, 31 Dec 1969 23:59:59 GMT");
}

#if defined(GTEST_HAS_DEATH_TEST) && !defined(NDEBUG)
TEST(Response_text_death, Is_refused_with_a_line_end_in_a_value) {
    const auto write = [](std::string_view type, std::string_view extra) {
        auto head = plain_head();
        head.content_type = type;
        head.extra = extra;
        std::string out;
        append_response(out, head, "");
    };
    EXPECT_DEATH(write("text/plain\r\nX-Evil: 1", ""), "is_field_value");
    EXPECT_DEATH(write("text/plain", "X-A: 1"), "is_field_lines");
    EXPECT_DEATH(write("text/plain", "X-A: 1\r\n\r\nHTTP/1.1 200 OK\r\n"), "is_field_lines");
}
#endif

}  // namespace
}  // namespace tallycast::net
