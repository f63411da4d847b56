#include <tallycast/net/voter_cookies.hpp>

#include <gtest/gtest.h>

#include <string>

namespace tallycast::net {
namespace {

const base::event_id gala{"gala"};

TEST(Voter_cookies, Token_is_found_among_other_cookies) {
    EXPECT_EQ(voter_cookie_in("tallycast_voter=tcv_1"), "tcv_1");
    EXPECT_EQ(voter_cookie_in("a=b; tallycast_voter=tcv_1; c=d"), "tcv_1");
    EXPECT_EQ(voter_cookie_in("a=b;tallycast_voter=tcv_1"), "tcv_1");
    for (const auto* none : {"", ";", "; ;", "a", "=", "tallycast_voter", "Tallycast_voter=tcv_1",
                             "xtallycast_voter=tcv_1", "tallycast_voter_gala=tcv_1"})
        EXPECT_EQ(voter_cookie_in(none), "") << none;
}

TEST(Voter_cookies, Cookie_of_the_event_goes_first) {
    EXPECT_EQ(voter_cookie_in("tallycast_voter=tcv_1; tallycast_voter_gala=tcv_2", gala), "tcv_2");
    EXPECT_EQ(voter_cookie_in("tallycast_voter_gala=tcv_2; tallycast_voter=tcv_1", gala), "tcv_2");
    EXPECT_EQ(voter_cookie_in("tallycast_voter=tcv_1; tallycast_voter_ball=tcv_2", gala), "tcv_1");
    EXPECT_EQ(voter_cookie_in("tallycast_voter=tcv_1; tallycast_voter_gala=", gala), "tcv_1");
    EXPECT_EQ(voter_cookie_in("tallycast_voter_gala2=tcv_2", gala), "");
}

std::string with_events(std::size_t count) {
    std::string cookies = "a=b; tallycast_voter=tcv_1";
    for (std::size_t i = 0; i < count; ++i)
        cookies += "; tallycast_voter_e" + std::to_string(i) + "=tcv_" + std::to_string(i);
    return cookies;
}

TEST(Voter_cookies, Both_are_set_and_the_general_one_first) {
    const std::string kept = "; Path=/; HttpOnly; SameSite=Lax; Max-Age=60";
    EXPECT_EQ(set_voter_cookies({gala, "tcv_1", std::chrono::seconds{60}, false}, {}),
              "Set-Cookie: tallycast_voter=tcv_1" + kept + "\r\n" +
                  "Set-Cookie: tallycast_voter_gala=tcv_1" + kept + "\r\n");
    EXPECT_EQ(set_voter_cookies({gala, "tcv_1", std::chrono::seconds{60}, true}, {}),
              "Set-Cookie: tallycast_voter=tcv_1" + kept + "; Secure\r\n" +
                  "Set-Cookie: tallycast_voter_gala=tcv_1" + kept + "; Secure\r\n");
}

TEST(Voter_cookies, Oldest_event_makes_room_for_one_too_many) {
    const new_voter_cookie voter{gala, "tcv_1", std::chrono::seconds{60}, false};
    const std::string gone =
        "Set-Cookie: tallycast_voter_e0=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0\r\n";
    EXPECT_EQ(set_voter_cookies(voter, with_events(max_voter_cookies - 1)).find("Max-Age=0"),
              std::string::npos);
    EXPECT_TRUE(set_voter_cookies(voter, with_events(max_voter_cookies)).ends_with(gone));
    const base::event_id known{"e3"};
    EXPECT_EQ(set_voter_cookies({known, "tcv_1", std::chrono::seconds{60}, false},
                                with_events(max_voter_cookies))
                  .find("Max-Age=0"),
              std::string::npos)
        << "an event that is there already needs no room";
}

TEST(Voter_cookies, Names_that_are_not_ours_are_never_said_again) {
    std::string cookies = "tallycast_voter_e\"v=1; tallycast_voter_a b=1; tallycast_voter_=1; ";
    cookies += "tallycast_voter_" + std::string(33, 'x') + "=1; " + with_events(max_voter_cookies);
    const auto lines = set_voter_cookies({gala, "tcv_1", std::chrono::seconds{60}, false}, cookies);
    EXPECT_NE(lines.find("tallycast_voter_e0=;"), std::string::npos) << lines;
}

}  // namespace
}  // namespace tallycast::net
