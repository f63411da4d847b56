#include <tallycast/net/request_guard.hpp>

#include <tallycast/net/request.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace tallycast::net {
namespace {

guard_verdict check(std::string_view request_line, const std::vector<std::string>& fields) {
    request_guard guard;
    auto verdict = guard.request_line(request_line);
    for (std::size_t i = 0; verdict.ok && i < fields.size(); ++i)
        verdict = guard.field_line(fields[i]);
    return verdict.ok ? guard.finish() : verdict;
}

guard_verdict check_field(const std::string& field) {
    return check("POST / HTTP/1.1", {"Host: t.test", field});
}

TEST(Request_guard, Takes_every_visible_character_in_a_target_but_the_number_sign) {
    for (int c = 0; c < 256; ++c) {
        const std::string line = std::string("GET /a") + static_cast<char>(c) + "b HTTP/1.1";
        const bool fine = c > 0x20 && c < 0x7F && c != '#';
        EXPECT_EQ(check(line, {"Host: t"}).ok, fine) << c;
    }
}

TEST(Request_guard, Takes_only_token_characters_in_a_method_and_a_name) {
    const std::string_view marks = "!#$%&'*+-.^_`|~";
    for (int c = 0; c < 256; ++c) {
        const char byte = static_cast<char>(c);
        const bool alphanumeric =
            (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        const bool token = alphanumeric || (c != 0 && marks.find(byte) != std::string_view::npos);
        const std::string part = std::string("X") + byte + "Y";
        EXPECT_EQ(check(part + " / HTTP/1.1", {"Host: t"}).ok, token) << c;
        if (c == ':') continue;  // ends the name
        EXPECT_EQ(check_field(part + ": 1").ok, token) << c;
    }
}

TEST(Request_guard, Refuses_controls_anywhere_in_a_value) {
    for (int c = 0; c < 256; ++c) {
        const bool fine = (c >= 0x20 && c != 0x7F) || c == '\t';
        for (std::size_t before = 0; before < 20; ++before) {
            const std::string value = std::string(before, 'a') + static_cast<char>(c) + "zzz";
            EXPECT_EQ(check_field("X-A: " + value).ok, fine) << c << " after " << before;
        }
    }
}

TEST(Request_guard, Refuses_high_bytes_where_they_could_be_read_in_two_ways) {
    for (const char* name : {"Content-Type", "Authorization", "Origin", "Upgrade", "Expect",
                             "Idempotency-Key", "Connection", "Transfer-Encoding"})
        EXPECT_FALSE(check_field(std::string(name) + ": chunked\xC3\xA9").ok) << name;
    EXPECT_TRUE(check_field("X-Name: caf\xC3\xA9").ok);
}

struct host_case {
    const char* value;
    bool fine;
};

TEST(Request_guard, Knows_a_host_when_it_sees_one) {
    const host_case cases[] = {
        {"t.test", true},
        {"T.TEST:80", true},
        {"127.0.0.1:65535", true},
        {"a_b-c", true},
        {"[::1]", true},
        {"[2001:db8::1.2.3.4]:1", true},
        {"", false},
        {":80", false},
        {"t.test:", false},
        {"t.test:65536", false},
        {"t.test:1e3", false},
        {"t.test:000080", false},
        {"t test", false},
        {"t,u", false},
        {"u@t", false},
        {"t/", false},
        {"t?x", false},
        {"t#x", false},
        {"%74", false},
        {"t\"", false},
        {"[::1", false},
        {"[]", false},
        {"[::1]x", false},
        {"[g::]", false},
        {"::1", false},
        {"t:80:80", false},
        {"[::1]:", false},
    };
    for (const auto& one : cases)
        EXPECT_EQ(check("GET / HTTP/1.1", {std::string("Host: ") + one.value}).ok, one.fine)
            << one.value;
    EXPECT_FALSE(check("GET / HTTP/1.1", {"Host: " + std::string(262, 'a')}).ok);
}

TEST(Request_guard, Wants_a_host_in_1_1_and_one_at_most_in_1_0) {
    EXPECT_FALSE(check("GET / HTTP/1.1", {}).ok);
    EXPECT_TRUE(check("GET / HTTP/1.0", {}).ok);
    EXPECT_TRUE(check("GET / HTTP/1.0", {"Host: t"}).ok);
    EXPECT_FALSE(check("GET / HTTP/1.0", {"Host: t", "Host: t"}).ok);
}

TEST(Request_guard, Calls_the_sixty_fifth_field_too_much_and_names_it_so) {
    std::vector<std::string> fields(max_header_fields - 1, "X-A: 1");
    fields.emplace_back("Host: t");
    EXPECT_TRUE(check("GET / HTTP/1.1", fields).ok);
    fields.emplace_back("X-B: 1");
    const auto verdict = check("GET / HTTP/1.1", fields);
    EXPECT_FALSE(verdict.ok);
    EXPECT_EQ(verdict.code, base::errc::headers_too_large);
}

TEST(Request_guard, Reads_how_the_body_is_framed) {
    request_guard guard;
    ASSERT_TRUE(guard.request_line("POST / HTTP/1.1").ok);
    ASSERT_TRUE(guard.field_line("Host: t").ok);
    ASSERT_TRUE(guard.field_line("Content-Length: 9999999999999999999").ok);
    ASSERT_TRUE(guard.finish().ok);
    EXPECT_EQ(guard.content_length(), 9999999999999999999U);
    EXPECT_TRUE(guard.has_body());
    EXPECT_FALSE(guard.chunked());

    guard.reset();
    ASSERT_TRUE(guard.request_line("POST / HTTP/1.1").ok);
    ASSERT_TRUE(guard.field_line("Host: t").ok);
    ASSERT_TRUE(guard.field_line("Transfer-Encoding: Chunked").ok);
    ASSERT_TRUE(guard.finish().ok);
    EXPECT_TRUE(guard.chunked());
    EXPECT_EQ(guard.content_length(), 0U);
}

TEST(Request_guard, Takes_no_length_that_might_not_fit_into_64_bits) {
    EXPECT_TRUE(check_field("Content-Length: 9999999999999999999").ok);
    EXPECT_FALSE(check_field("Content-Length: 10000000000000000000").ok);
    EXPECT_FALSE(check_field("Content-Length: 18446744073709551621").ok);  // 5 after wrapping
}

TEST(Request_guard, Takes_an_upgrade_only_without_a_body) {
    const std::string connection = "Connection: Upgrade";
    const std::string upgrade = "Upgrade: websocket";
    EXPECT_TRUE(check("GET / HTTP/1.1", {"Host: t", connection, upgrade}).ok);
    EXPECT_TRUE(check("GET / HTTP/1.1", {"Host: t", connection, upgrade, "Content-Length: 0"}).ok);
    EXPECT_FALSE(check("GET / HTTP/1.1", {"Host: t", connection, upgrade, "Content-Length: 1"}).ok);
    EXPECT_FALSE(
        check("GET / HTTP/1.1", {"Host: t", "Transfer-Encoding: chunked", connection, upgrade}).ok);
}

TEST(Request_guard, Refuses_a_second_one_of_each_single_field) {
    const char* const fields[] = {
        "Host: t",          "Content-Length: 0",    "Transfer-Encoding: chunked",
        "Authorization: x", "Expect: 100-continue", "Content-Type: text/plain",
        "Origin: null",     "Idempotency-Key: k",   "Sec-WebSocket-Key: k",
        "Upgrade: x",
    };
    for (const char* field : fields) {
        request_guard guard;
        ASSERT_TRUE(guard.request_line("GET / HTTP/1.1").ok);
        EXPECT_TRUE(guard.field_line(field).ok) << field;
        EXPECT_FALSE(guard.field_line(field).ok) << field;
    }
    EXPECT_TRUE(check("GET / HTTP/1.1", {"Host: t", "Accept: a", "Accept: b", "Cookie: c"}).ok);
}

}  // namespace
}  // namespace tallycast::net
