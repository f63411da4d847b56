#include <tallycast/net/request_parser.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <memory>
#include <ostream>
#include <random>
#include <string>
#include <vector>

namespace tallycast::net {
namespace {

using progress = request_parser::progress;

constexpr std::size_t small_limit = 16 * 1024;
constexpr std::size_t large_limit = 256 * 1024;

std::size_t limit_for(const request& current) {
    return current.path == "/v1/events" ? large_limit : small_limit;
}

// Everything a session could learn, so that two runs can be compared.
struct outcome {
    std::vector<std::string> requests;
    std::size_t consumed = 0;
    bool refused = false;
    base::errc code = base::errc::invalid_request;

    bool operator==(const outcome&) const = default;
};

std::ostream& operator<<(std::ostream& out, const outcome& what) {
    out << what.requests.size() << " requests, " << what.consumed << " bytes consumed, ";
    return out << (what.refused ? "refused with " : "not refused, ") << static_cast<int>(what.code);
}

std::string summary(const request& current) {
    std::string text = std::to_string(static_cast<int>(current.method));
    text.append(" ").append(current.target).append("|").append(current.path).append("|");
    text.append(current.query).append(current.http_1_1 ? " 1.1" : " 1.0");
    text.append(current.keep_alive ? " keep" : " close").append(current.upgrade ? " upgrade" : "");
    for (std::size_t i = 0; i < current.field_count; ++i) {
        const auto& field = current.fields[i];
        text.append("\n").append(field.name).append("=").append(field.value);
    }
    return text.append("\n\n").append(current.body);
}

// A connection whose buffer lies somewhere else at every call, and is freed when the call is over.
class connection {
public:
    void receive(std::string_view piece) {
        if (seen_.refused) return;
        bytes_.append(piece);
        for (;;) {
            // On the heap to the byte, so that a sanitizer sees a step outside or into an old
            // buffer.
            const auto moved = std::make_unique<char[]>(bytes_.size());
            std::copy(bytes_.begin(), bytes_.end(), moved.get());
            const auto step = parser_.resume({moved.get(), bytes_.size()});
            if (step == progress::refused) {
                seen_.refused = true;
                seen_.code = parser_.refusal().code;
                EXPECT_FALSE(parser_.refusal().why.empty());
            }
            if (step != progress::complete) return;
            seen_.requests.push_back(summary(parser_.current()));
            seen_.consumed += parser_.consumed();
            bytes_.erase(0, parser_.consumed());
            parser_.reset();
        }
    }
    const outcome& seen() const { return seen_; }

private:
    request_parser parser_{limit_for};
    std::string bytes_;
    outcome seen_;
};

outcome read_whole(std::string_view bytes) {
    connection peer;
    peer.receive(bytes);
    return peer.seen();
}

outcome read_in_two(std::string_view bytes, std::size_t cut) {
    connection peer;
    peer.receive(bytes.substr(0, cut));
    peer.receive(bytes.substr(cut));
    return peer.seen();
}

outcome read_byte_by_byte(std::string_view bytes) {
    connection peer;
    for (std::size_t i = 0; i < bytes.size() && !peer.seen().refused; ++i)
        peer.receive(bytes.substr(i, 1));
    return peer.seen();
}

struct vector_case {
    std::string name;
    std::string bytes;
    std::string verdict;
    std::size_t requests = 0;
};

std::string latin_1(const std::string& utf8) {  // the table's characters stand for bytes
    std::string bytes;
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        const auto c = static_cast<unsigned char>(utf8[i]);
        if (c < 0x80) bytes.push_back(utf8[i]);
        else bytes.push_back(static_cast<char>((c & 0x03) << 6 | (utf8.at(++i) & 0x3F)));
    }
    return bytes;
}

std::vector<vector_case> read_vectors() {
    std::ifstream file(TALLYCAST_SOURCE_DIR "/tests/e2e/smuggling_vectors.json");
    std::vector<vector_case> cases;
    for (const auto& entry : nlohmann::json::parse(file)) {
        vector_case one{entry.at("name"), {}, entry.at("verdict"), entry.at("requests")};
        for (const auto& part : entry.at("bytes")) {
            const auto text = latin_1(part.is_array() ? part[0] : part);
            const auto times = part.is_array() ? part[1].get<int>() : 1;
            for (int i = 0; i < times; ++i) one.bytes += text;
        }
        cases.push_back(std::move(one));
    }
    return cases;
}

std::string verdict_of(const outcome& seen, std::size_t sent) {
    if (!seen.refused) return seen.consumed == sent ? "complete" : "more";
    switch (seen.code) {
        case base::errc::invalid_request: return "400";
        case base::errc::body_too_large: return "413";
        case base::errc::headers_too_large: return "431";
        default: return "unexpected";
    }
}

class Request_vectors : public testing::TestWithParam<vector_case> {};

TEST_P(Request_vectors, Have_the_verdict_of_the_table) {
    const auto& param = GetParam();
    const auto seen = read_whole(param.bytes);
    EXPECT_EQ(verdict_of(seen, param.bytes.size()), param.verdict);
    EXPECT_EQ(seen.requests.size(), param.requests);
    for (const auto& request : seen.requests)
        EXPECT_EQ(request.find("|/v1/hidden"), std::string::npos) << "a hidden request was read";
}

TEST_P(Request_vectors, Have_the_same_verdict_byte_by_byte) {
    EXPECT_EQ(read_byte_by_byte(GetParam().bytes), read_whole(GetParam().bytes));
}

TEST_P(Request_vectors, Have_the_same_verdict_wherever_they_are_cut) {
    const auto& bytes = GetParam().bytes;
    const auto whole = read_whole(bytes);
    // Everywhere in what is short; in what is long near both ends, near the limits, and here and
    // there.
    const auto near = [](std::size_t at, std::size_t place) {
        return at + 4 > place && at < place + 4;
    };
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
        const bool wanted = cut < 300 || cut + 100 > bytes.size() || near(cut, 8192) ||
                            near(cut, 16384) || cut % 997 == 0;
        if (!wanted) continue;
        ASSERT_EQ(read_in_two(bytes, cut), whole) << "cut at " << cut;
    }
}

INSTANTIATE_TEST_SUITE_P(Table, Request_vectors, testing::ValuesIn(read_vectors()),
                         [](const auto& one) { return one.param.name; });

TEST(Request_parser, Table_has_at_least_eighty_refusals) {
    const auto cases = read_vectors();
    EXPECT_GE(std::count_if(cases.begin(), cases.end(),
                            [](const auto& one) { return one.verdict.front() == '4'; }),
              80);
}

TEST(Request_parser, Gives_every_part_of_a_request) {
    const std::string bytes =
        "POST /v1/polls/7/votes?a=b?c HTTP/1.1\r\nHost: t.test\r\nIdempotency-Key:  k1 \r\n"
        "X-Own: v\r\nContent-Length: 2\r\n\r\n{}GET";
    request_parser parser{limit_for};
    ASSERT_EQ(parser.resume(bytes), progress::complete);
    const auto& current = parser.current();
    EXPECT_EQ(current.method, boost::beast::http::verb::post);
    EXPECT_EQ(current.target, "/v1/polls/7/votes?a=b?c");
    EXPECT_EQ(current.path, "/v1/polls/7/votes");
    EXPECT_EQ(current.query, "a=b?c");
    ASSERT_EQ(current.field_count, 4U);
    EXPECT_EQ(current.header(boost::beast::http::field::host), "t.test");
    EXPECT_EQ(current.fields[1].name, "Idempotency-Key");
    EXPECT_EQ(current.fields[1].value, "k1");
    EXPECT_EQ(current.fields[2].name, "X-Own");
    EXPECT_EQ(current.body, "{}");
    EXPECT_TRUE(current.keep_alive);
    EXPECT_EQ(parser.consumed(), bytes.size() - 3);
    EXPECT_EQ(parser.bytes_needed(), 0U);
}

TEST(Request_parser, Joins_the_chunks_of_a_body) {
    const std::string bytes =
        "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5;x=y\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\n\r\n";
    request_parser parser{limit_for};
    ASSERT_EQ(parser.resume(bytes), progress::complete);
    EXPECT_EQ(parser.current().body, "hello world");
    EXPECT_EQ(parser.consumed(), bytes.size());
}

TEST(Request_parser, Counts_extensions_and_sizes_for_each_request_anew) {
    const std::string one =
        "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3E8;" +
        std::string(40, 'x') + "\r\n" + std::string(1000, 'y') + "\r\n0\r\n\r\n";
    std::string many;
    for (int i = 0; i < 40; ++i) many += one;  // far more than one body's limit in all
    EXPECT_EQ(read_whole(many).requests.size(), 40U);
}

struct keep_alive_case {
    std::string_view version;
    std::string_view fields;
    bool keep_alive;
    bool upgrade;
};

TEST(Request_parser, Says_whether_the_connection_stays) {
    const keep_alive_case cases[] = {
        {"1.1", "", true, false},
        {"1.1", "Connection: close\r\n", false, false},
        {"1.1", "Connection: Keep-Alive, CLOSE\r\n", false, false},
        {"1.0", "", false, false},
        {"1.0", "Connection: Keep-Alive\r\n", true, false},
        {"1.0", "Connection: keep-alive\r\nConnection: close\r\n", false, false},
        {"1.1", "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n", true, true},
        {"1.1", "Upgrade: websocket\r\n", true, false},
        {"1.1", "Connection: upgrade\r\n", true, false},
    };
    for (const auto& one : cases) {
        std::string bytes = "GET / HTTP/";
        bytes.append(one.version).append("\r\nHost: t\r\n").append(one.fields).append("\r\n");
        request_parser parser{limit_for};
        ASSERT_EQ(parser.resume(bytes), progress::complete) << bytes;
        EXPECT_EQ(parser.current().keep_alive, one.keep_alive) << bytes;
        EXPECT_EQ(parser.current().upgrade, one.upgrade) << bytes;
        EXPECT_EQ(parser.current().http_1_1, one.version == "1.1") << bytes;
    }
}

TEST(Request_parser, Wants_to_be_asked_for_the_body_once) {
    std::string bytes =
        "POST / HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    request_parser parser{limit_for};
    EXPECT_EQ(parser.resume(bytes.substr(0, 30)), progress::need_more);
    EXPECT_FALSE(parser.header_complete());
    EXPECT_FALSE(parser.wants_continue());
    EXPECT_EQ(parser.resume(bytes), progress::need_more);
    EXPECT_TRUE(parser.header_complete());
    EXPECT_TRUE(parser.wants_continue());
    EXPECT_EQ(parser.bytes_needed(), 3U);
    parser.continue_sent();
    EXPECT_FALSE(parser.wants_continue());
    bytes += "abc";
    EXPECT_EQ(parser.resume(bytes), progress::complete);
    EXPECT_FALSE(parser.wants_continue());
}

TEST(Request_parser, Does_not_ask_for_a_body_that_is_coming_already) {
    request_parser parser{limit_for};
    const std::string head = "POST / HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\n";
    EXPECT_EQ(parser.resume(head + "Content-Length: 3\r\n\r\na"), progress::need_more);
    EXPECT_FALSE(parser.wants_continue());
}

TEST(Request_parser, Does_not_ask_for_the_body_in_1_0) {
    request_parser parser{limit_for};
    const std::string head = "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    EXPECT_EQ(parser.resume(head), progress::need_more);
    EXPECT_FALSE(parser.wants_continue());
}

TEST(Request_parser, Refuses_a_declared_size_before_a_byte_of_the_body) {
    for (const std::string_view framing :
         {"Content-Length: 1073741824\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n40000000"}) {
        request_parser parser{limit_for};
        std::string bytes = "POST / HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\n";
        EXPECT_EQ(parser.resume(bytes.append(framing)), progress::refused);
        EXPECT_EQ(parser.refusal().code, base::errc::body_too_large);
        EXPECT_FALSE(parser.wants_continue());
    }
}

TEST(Request_parser, Takes_the_limit_that_fits_the_request) {
    const std::string rest = " HTTP/1.1\r\nHost: t\r\nContent-Length: 100000\r\n\r\n";
    request_parser hosts{limit_for};
    EXPECT_EQ(hosts.resume("POST /v1/events" + rest), progress::need_more);
    EXPECT_EQ(hosts.bytes_needed(), 100000U);
    request_parser voters{limit_for};
    EXPECT_EQ(voters.resume("POST /v1/votes" + rest), progress::refused);
}

TEST(Request_parser, Stays_refused_whatever_comes) {
    request_parser parser{limit_for};
    EXPECT_EQ(parser.resume("GET / HTTP/1.1\r\n\r\n"), progress::refused);
    EXPECT_EQ(parser.resume("GET / HTTP/1.1\r\nHost: t\r\n\r\n"), progress::refused);
    EXPECT_EQ(parser.bytes_needed(), 0U);
}

// Random damage: whatever comes out, it must be the same however the bytes were cut.
std::string damaged(std::string bytes, std::mt19937& random) {
    static constexpr std::string_view pieces[] = {"\r\n",
                                                  "\n",
                                                  "\r",
                                                  " ",
                                                  "\t",
                                                  ":",
                                                  ",",
                                                  "\r\n\r\n",
                                                  "0\r\n\r\n",
                                                  "chunked",
                                                  "5",
                                                  "\x80",
                                                  ";",
                                                  "Content-Length: 5\r\n",
                                                  "Transfer-Encoding: chunked\r\n",
                                                  "Host: t\r\n",
                                                  "HTTP/1.0"};
    const auto below = [&](std::size_t end) { return static_cast<std::size_t>(random() % end); };
    for (auto times = 1 + below(3); times > 0; --times) {
        const auto at = below(bytes.size());
        switch (below(5)) {
            case 0: bytes[at] = static_cast<char>(below(256)); break;
            case 1: bytes.erase(at, 1 + below(4)); break;
            case 2: bytes.insert(at, pieces[below(std::size(pieces))]); break;
            case 3: bytes.insert(at, bytes.substr(below(bytes.size()), below(40))); break;
            default: bytes[at] = static_cast<char>(bytes[at] ^ 0x20); break;
        }
        if (bytes.empty()) bytes = "x";
    }
    return bytes;
}

TEST(Request_parser, Damaged_requests_read_the_same_whole_and_cut) {
    std::vector<std::string> valid;
    for (const auto& one : read_vectors())
        if (one.verdict == "complete" && one.bytes.size() < 1000) valid.push_back(one.bytes);
    std::mt19937 random(20240917);
    std::size_t refused = 0;
    for (int i = 0; i < 20000; ++i) {
        const auto bytes = damaged(valid[random() % valid.size()], random);
        const auto whole = read_whole(bytes);
        refused += whole.refused ? 1U : 0U;
        ASSERT_EQ(read_in_two(bytes, random() % (bytes.size() + 1)), whole) << bytes;
        if (i % 8 != 0) continue;
        ASSERT_EQ(read_byte_by_byte(bytes), whole) << bytes;
    }
    EXPECT_GT(refused, 1000U);
    EXPECT_LT(refused, 19900U);
}

}  // namespace
}  // namespace tallycast::net
