#include <tallycast/load/process_figures.hpp>
#include <tallycast/load/watcher.hpp>
#include <tallycast/load/ws_frame.hpp>

#include <gtest/gtest.h>

#include <unistd.h>

#include <sstream>
#include <string>

namespace tallycast::load {
namespace {

constexpr std::string_view upgraded = "HTTP/1.1 101 Switching Protocols\r\nA: b\r\n\r\n";

std::string from_server(std::string_view payload, unsigned char first = 0x81) {
    std::string frame(1, static_cast<char>(first));
    frame.push_back(static_cast<char>(payload.size()));
    return frame.append(payload);
}

std::string results(int version) {
    return from_server(R"({"type":"results","poll":"p","version":)" + std::to_string(version) +
                       "}");
}

class watching : public ::testing::Test {
protected:
    void take(std::string_view bytes) { who.take(bytes, wishes, said); }
    watch_wishes wishes{"", "hello", true, true};
    watcher who;
    std::string said;
};

TEST_F(watching, The_wish_is_said_after_the_greeting) {
    take(upgraded);
    EXPECT_EQ(who.now(), watcher::stage::greeting);
    EXPECT_TRUE(said.empty());
    take(from_server(R"({"type":"welcome"})"));
    EXPECT_EQ(who.now(), watcher::stage::watching);
    EXPECT_EQ(said.size(), 6u + 5u);
    EXPECT_EQ(who.messages(), 0u);
}

TEST_F(watching, Results_are_counted_however_the_bytes_are_cut) {
    const auto all = std::string(upgraded) + from_server("{}") + results(3) +
                     from_server(R"({"type":"poll","id":"p"})") + results(7);
    for (std::size_t cut = 1; cut < all.size(); ++cut) {
        who = {};
        for (std::size_t at = 0; at < all.size(); at += cut)
            take(std::string_view(all).substr(at, cut));
        ASSERT_EQ(who.messages(), 2u) << cut;
        ASSERT_EQ(who.version(), 7u) << cut;
        ASSERT_EQ(who.bytes(), 2 * results(3).size()) << cut;
        ASSERT_EQ(who.steps_back(), 0u) << cut;
    }
}

TEST_F(watching, A_version_that_falls_is_noticed) {
    take(std::string(upgraded) + from_server("{}") + results(7) + results(6));
    EXPECT_EQ(who.steps_back(), 1u);
}

TEST_F(watching, Versions_of_two_polls_are_their_own) {
    const auto of = [](const char* poll, int version, const char* rest) {
        return from_server(R"({"type":"results","poll":")" + std::string(poll) + R"(","version":)" +
                           std::to_string(version) + rest + "}");
    };
    take(std::string(upgraded) + from_server("{}") + of("p", 7, "") + of("q", 1, "") +
         of("p", 8, R"(,"final":true)") + of("q", 2, R"(,"final":false)"));
    EXPECT_EQ(who.steps_back(), 0u);
    EXPECT_TRUE(who.saw_final("p"));
    EXPECT_FALSE(who.saw_final("q"));
    take(of("q", 1, ""));
    EXPECT_EQ(who.steps_back(), 1u);
}

TEST_F(watching, How_it_ended_is_kept) {
    take("HTTP/1.1 503 Busy\r\nRetry-After: 2\r\n\r\n");
    EXPECT_EQ(who.ended().code, 503);
    EXPECT_EQ(who.ended().time, std::chrono::seconds(2));
    who = {};
    take(std::string(upgraded) +
         from_server(std::string("\x03\xf4") + R"({"reconnect_ms":9})", 0x88));
    EXPECT_EQ(who.ended().code, 1012);
    EXPECT_EQ(who.ended().says, parting::advice::within);
}

TEST_F(watching, Pings_are_answered) {
    take(std::string(upgraded) + from_server("{}"));
    said.clear();
    take(from_server("ab", 0x89));
    EXPECT_EQ(who.pings(), 1u);
    ASSERT_EQ(said.size(), 6u + 2u);
    EXPECT_EQ(static_cast<unsigned char>(said[0]), 0x8a);
}

TEST_F(watching, Of_another_server_every_text_counts) {
    wishes = {"", "hi", false, false};
    take(upgraded);
    EXPECT_EQ(who.now(), watcher::stage::watching);
    EXPECT_FALSE(said.empty());
    take(from_server("anything") + results(1));
    EXPECT_EQ(who.messages(), 2u);
}

TEST_F(watching, Refusals_closes_and_nonsense_end_it) {
    for (const auto& bytes :
         {std::string("HTTP/1.1 503 Busy\r\n\r\n"), std::string(upgraded) + from_server("", 0x88),
          std::string(upgraded) + "\xff\xff"}) {
        who = {};
        take(bytes);
        EXPECT_EQ(who.now(), watcher::stage::broken) << bytes;
    }
}

TEST(process_figures, Memory_and_time_of_a_living_process_are_found) {
    std::istringstream smaps("Rss:  900 kB\nPrivate_Dirty: 5 kB\nAnonymous:  37 kB\nSwap: 1 kB\n");
    EXPECT_EQ(anonymous_bytes_in(smaps), 37u * 1024);
    const auto own = figures_of({getpid()});
    EXPECT_GT(own.cpu_s, 0);
    EXPECT_GT(own.anonymous_bytes, 0u);
    EXPECT_EQ(figures_of({}).cpu_s, 0);
}

}  // namespace
}  // namespace tallycast::load
