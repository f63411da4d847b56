#include <tallycast/wire/page.hpp>

#include "samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace tallycast;
using base::errc;
using domain::poll_type;
using testing::HasSubstr;
using testing::Not;

namespace {

const std::string nasty = R"(<script>alert("x")</script>&'"><img src=x>)";

std::string page_of(const std::vector<wire::page_poll>& polls,
                    const domain::event& event = samples::event()) {
    return wire::vote_page({event, polls, "/34679C", {"/page.css", {}, {}}, {}});
}

std::string page_of(const wire::page_poll& poll) { return page_of(std::vector{poll}); }

// Whether tags are opened and closed in pairs; good enough for pages of ours.
std::string unbalanced_in(const std::string& html) {
    std::vector<std::string> open;
    for (std::size_t at = 0; (at = html.find('<', at)) != std::string::npos; ++at) {
        const auto end = html.find_first_of(" >\n", at + 1);
        auto name = html.substr(at + 1, end - at - 1);
        if (name == "!doctype" || name == "meta" || name == "link" || name == "input") continue;
        if (name.front() != '/') {
            open.push_back(name);
        } else {
            if (open.empty() || "/" + open.back() != name) return name;
            open.pop_back();
        }
    }
    return open.empty() ? "" : open.back();
}

TEST(Page, Text_of_hosts_and_voters_is_escaped_everywhere) {
    auto event = samples::event(nasty);
    event.settings.locale = nasty;
    for (const auto type :
         {poll_type::single, poll_type::multiple, poll_type::rating, poll_type::ranking}) {
        auto poll = samples::poll(type, {nasty, "other"});
        poll.definition.question = nasty;
        poll.definition.rules.allow_change = true;
        const auto vote =
            type == poll_type::rating ? samples::rated(poll, 2) : samples::chosen(poll, {"a"});
        const auto results = samples::results(poll, {vote});
        const wire::page_poll shown{&poll, vote, &results, wire::page_notice{nasty, true}, nasty};
        const auto html = wire::vote_page({event,
                                           std::vector{shown},
                                           nasty,
                                           {nasty, {}, nasty},
                                           wire::page_notice{nasty, false}});
        EXPECT_THAT(html, Not(HasSubstr("<script")));
        EXPECT_THAT(html, Not(HasSubstr("<img")));
        EXPECT_THAT(html, Not(HasSubstr("\"x\"")));
        EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;"));
        EXPECT_EQ(unbalanced_in(html), "");
    }
    const auto join =
        wire::join_page({nasty, {nasty, {}, nasty}, wire::page_notice{nasty, true}, nasty});
    EXPECT_THAT(join, Not(HasSubstr("<script")));
    EXPECT_EQ(unbalanced_in(join), "");
}

TEST(Page, Needs_no_script_and_no_inline_style) {
    const auto poll = samples::poll(poll_type::single);
    const auto html = page_of({&poll, {}, nullptr, {}, "k1"});
    EXPECT_THAT(html, Not(HasSubstr("<script")));
    EXPECT_THAT(html, Not(HasSubstr("style=")));
    for (const auto* handler : {" onclick=", " onload=", " onerror=", "javascript:"})
        EXPECT_THAT(html, Not(HasSubstr(handler)));
    EXPECT_THAT(html, HasSubstr("<link rel=\"stylesheet\" href=\"/page.css\">"));
    EXPECT_THAT(html, HasSubstr("<html lang=\"en\">"));
    EXPECT_THAT(html, HasSubstr("name=\"viewport\""));
    EXPECT_THAT(html, HasSubstr("<h2 dir=\"auto\" lang=\"en\">Best act?</h2>"));
}

TEST(Page, Scripts_find_the_event_and_are_refused_nothing_by_a_page_without_them) {
    const wire::page_links links{"/assets/a.css", "/assets/a.js", "/assets/i.svg",
                                 "/assets/a.en.js"};
    const auto html = wire::vote_page({samples::event(), {}, "/34679C", links, {}});
    EXPECT_THAT(html, HasSubstr("<script type=\"module\" src=\"/assets/a.js\"></script>"));
    EXPECT_THAT(html, HasSubstr("<link rel=\"icon\" href=\"/assets/i.svg\">"));
    EXPECT_THAT(html, HasSubstr("<link rel=\"modulepreload\" href=\"/assets/a.en.js\">"));
    EXPECT_THAT(html,
                HasSubstr("<body data-event=\"" + samples::event().id.str() + "\" data-code=\""));
    EXPECT_EQ(unbalanced_in(html), "");
    EXPECT_THAT(wire::join_page({"/", links, {}, {}}), HasSubstr("<body>"));
}

// What stands between tags, without the host's own text.
std::string words_of(const std::string& html) {
    std::string words;
    bool inside = false;
    for (const char c : html) {
        if (c == '<') words += ' ';
        inside = c == '<' || (inside && c != '>');
        if (!inside && c != '>') words += c;
    }
    return words;
}

TEST(Page, Speaks_the_readers_language_and_nothing_beside_it) {
    auto event = samples::event("Gala");
    std::string all;
    for (const auto type :
         {poll_type::single, poll_type::multiple, poll_type::rating, poll_type::ranking}) {
        for (const auto status : {domain::poll_status::open, domain::poll_status::paused,
                                  domain::poll_status::closed}) {
            auto poll = samples::poll(type, {"Eins", "Zwei"});
            poll.status = status;
            poll.definition.question = "Was?";
            poll.definition.rules.allow_change = true;
            const auto vote =
                type == poll_type::rating ? samples::rated(poll, 2) : samples::chosen(poll, {"a"});
            const auto results = samples::results(poll, {vote, vote});
            const auto refused = wire::page_notice{"The poll is paused.", true};
            const std::vector shown{wire::page_poll{&poll, {}, nullptr, refused, "k1"},
                                    wire::page_poll{&poll, vote, &results, {}, "k2"}};
            all += words_of(
                wire::vote_page({event, shown, "/34679C", {}, {}, wire::page_language::german}));
        }
    }
    all += words_of(wire::vote_page({event, {}, "/34679C", {}, {}, wire::page_language::german}));
    const auto join = wire::join_page({"/", {}, {}, {}, wire::page_language::german});
    all += words_of(join);
    EXPECT_THAT(join, HasSubstr("<html lang=\"de\">"));
    EXPECT_THAT(all, HasSubstr("2 Stimmen, 100 %"));
    EXPECT_THAT(all, HasSubstr("2,0"));
    EXPECT_THAT(all, HasSubstr("Die Abstimmung macht gerade Pause."));
    for (const auto* english : {"vote",   "Vote",   "Choose",  "Rate",  "Put",  "order", "Rank",
                                "result", "Result", "Average", "point", "time", " to ",  " of ",
                                "then",   "Open",   "Closed",  "Look",  "Join", "code"})
        EXPECT_THAT(all, Not(HasSubstr(english))) << english;
}

TEST(Page, The_language_is_the_one_the_reader_wants_most) {
    using enum wire::page_language;
    const std::pair<const char*, wire::page_language> cases[]{
        {"", english},
        {"de", german},
        {"de-AT,de;q=0.9,en;q=0.5", german},
        {"en-GB,en;q=0.9,de;q=0.8", english},
        {"fr, DE-ch;q=0.7, en;q=0.3", german},
        {"fr;q=1, en;q=0.2 , de;q=0.1", english},
        {"de;q=0", english},
        {"den, dei-x", english},
        {"de;q=much, en;q=0.1", english},
        {";;,,;q=1,", english},
    };
    for (const auto& [accepted, wanted] : cases)
        EXPECT_EQ(wire::language_of(accepted), wanted) << accepted;
    EXPECT_EQ(wire::said(german, "What nobody has translated"), "What nobody has translated");
}

TEST(Page, Each_type_has_its_own_fields) {
    const auto form_of = [](poll_type type) {
        const auto poll = samples::poll(type);
        return page_of({&poll, {}, nullptr, {}, "k1"});
    };
    EXPECT_THAT(form_of(poll_type::single),
                HasSubstr("<input type=\"radio\" name=\"choice\" value=\"a\" required>"));
    EXPECT_THAT(form_of(poll_type::multiple),
                HasSubstr("<input type=\"checkbox\" name=\"choice\" value=\"c\">"));
    EXPECT_THAT(form_of(poll_type::multiple), HasSubstr("<legend>Choose 1 to 3</legend>"));
    EXPECT_THAT(form_of(poll_type::rating),
                HasSubstr("<input type=\"radio\" name=\"rating\" required value=\"5\">"));
    EXPECT_THAT(form_of(poll_type::rating), Not(HasSubstr("value=\"6\"")));
    EXPECT_THAT(form_of(poll_type::ranking), HasSubstr("<select name=\"rank_1\" required>"));
    EXPECT_THAT(form_of(poll_type::ranking), HasSubstr("<select name=\"rank_3\">"));
    EXPECT_THAT(form_of(poll_type::ranking), Not(HasSubstr("rank_4")));
    EXPECT_THAT(form_of(poll_type::single),
                HasSubstr("<input type=\"hidden\" name=\"key\" value=\"k1\">"));
    EXPECT_THAT(form_of(poll_type::single),
                HasSubstr("<input type=\"hidden\" name=\"revision\" value=\"1\">"));
    EXPECT_THAT(form_of(poll_type::single), HasSubstr("<form method=\"post\" action=\"/34679C\">"));
}

TEST(Page, Form_is_there_only_when_a_vote_would_be_taken) {
    auto poll = samples::poll(poll_type::single);
    const auto vote = samples::chosen(poll, {"b"});
    EXPECT_THAT(page_of({&poll, vote, nullptr, {}, "k1"}), Not(HasSubstr("<form")));
    EXPECT_THAT(page_of({&poll, vote, nullptr, {}, "k1"}),
                HasSubstr("Your vote: <b dir=\"auto\" lang=\"en\">Red</b>"));
    for (const auto status : {domain::poll_status::paused, domain::poll_status::closed,
                              domain::poll_status::archived}) {
        poll.status = status;
        EXPECT_THAT(page_of({&poll, {}, nullptr, {}, "k1"}), Not(HasSubstr("<form")));
    }
    poll.status = domain::poll_status::draft;
    EXPECT_THAT(page_of({&poll, {}, nullptr, {}, "k1"}), Not(HasSubstr("Best act?")));
}

TEST(Page, A_changeable_ballot_is_prefilled_and_can_be_taken_back) {
    auto poll = samples::poll(poll_type::ranking);
    poll.definition.rules.allow_change = true;
    const auto html = page_of({&poll, samples::chosen(poll, {"c", "a"}), nullptr, {}, "k1"});
    EXPECT_THAT(html, HasSubstr("value=\"c\" selected>Green"));
    EXPECT_THAT(html, HasSubstr("Change my vote"));
    EXPECT_THAT(html, HasSubstr("name=\"withdraw\" value=\"1\""));
    EXPECT_THAT(html, HasSubstr("name=\"key\" value=\"k1w\""));
}

TEST(Page, A_form_that_was_not_counted_is_as_it_was_filled_in) {
    auto multiple = samples::poll(poll_type::multiple);
    multiple.definition.rules.allow_change = true;
    wire::page_ballot sent;
    sent.choices = {"c", "gone"};
    wire::page_poll shown{&multiple, samples::chosen(multiple, {"a"}), nullptr, {}, "k1", &sent};
    const auto html = page_of(shown);
    EXPECT_THAT(html, HasSubstr("value=\"c\" checked>"));
    EXPECT_THAT(html, Not(HasSubstr("value=\"a\" checked>")));
    const auto rating = samples::poll(poll_type::rating);
    sent = {};
    sent.rating = 4;
    EXPECT_THAT(page_of({&rating, {}, nullptr, {}, "k1", &sent}),
                HasSubstr("value=\"4\" checked>"));
}

TEST(Page, A_late_ballot_is_told_by_how_much) {
    const auto poll = samples::poll(poll_type::single);
    const auto told = [&](base::milliseconds late, wire::page_language language) {
        const std::vector shown{
            wire::page_poll{&poll, {}, nullptr, wire::page_notice{"Closed.", true, late}, "k1"}};
        return wire::vote_page({samples::event(), shown, "/34679C", {}, {}, language});
    };
    using enum wire::page_language;
    EXPECT_THAT(told(base::milliseconds{849}, english),
                HasSubstr("The poll had closed 0.8 s before the ballot came.</p>"));
    EXPECT_THAT(told(base::milliseconds{12'060}, german),
                HasSubstr("Die Abstimmung war seit 12,1 s vorbei, als deine Stimme ankam.</p>"));
    EXPECT_THAT(told(base::milliseconds{1}, english), HasSubstr("closed 0.1 s before"));
}

TEST(Page, Of_an_event_in_a_language_from_right_to_left_goes_from_right_to_left) {
    auto event = samples::event();
    for (const auto* locale : {"ar", "he-IL", "ur"}) {
        event.settings.locale = locale;
        EXPECT_THAT(page_of(std::vector<wire::page_poll>{}, event),
                    HasSubstr("<html lang=\"en\" dir=\"rtl\">"));
    }
    for (const auto* locale : {"en", "de-AT", "arn"}) {
        event.settings.locale = locale;
        EXPECT_THAT(page_of(std::vector<wire::page_poll>{}, event),
                    HasSubstr("<html lang=\"en\">"));
    }
}

TEST(Page, Results_are_text_with_bars_beside_it) {
    const auto poll = samples::poll(poll_type::single);
    const auto a = samples::chosen(poll, {"a"}), b = samples::chosen(poll, {"b"});
    const auto results = samples::results(poll, {a, a, b});
    const auto html = page_of({&poll, {}, &results, {}, "k1"});
    EXPECT_THAT(html, HasSubstr("3 voters"));
    EXPECT_THAT(html, HasSubstr("2 votes, 66.7 %"));
    EXPECT_THAT(html, HasSubstr("1 vote, 33.3 %"));
    EXPECT_THAT(html, HasSubstr("0 votes, 0 %"));
    EXPECT_THAT(html, HasSubstr("<meter aria-hidden=\"true\" max=\"3\" value=\"2\"></meter>"));
    EXPECT_THAT(page_of({&poll, {}, nullptr, {}, "k1"}), Not(HasSubstr("<meter")));
}

TEST(Page, Results_of_nobody_do_not_divide_by_nobody) {
    for (const auto type :
         {poll_type::single, poll_type::multiple, poll_type::rating, poll_type::ranking}) {
        const auto poll = samples::poll(type);
        const auto results = samples::results(poll, {});
        const auto html = page_of({&poll, {}, &results, {}, "k1"});
        EXPECT_THAT(html, HasSubstr("0 voters"));
        EXPECT_THAT(html, HasSubstr("max=\"1\" value=\"0\""));
    }
}

TEST(Page, Results_of_ratings_and_rankings_say_what_counts) {
    const auto rating = samples::poll(poll_type::rating);
    const auto rated =
        samples::results(rating, {samples::rated(rating, 5), samples::rated(rating, 4)});
    EXPECT_THAT(page_of({&rating, {}, &rated, {}, "k1"}), HasSubstr("Average: <b>4.5</b> of 5"));
    const auto ranking = samples::poll(poll_type::ranking);
    const auto ranked = samples::results(ranking, {samples::chosen(ranking, {"b", "a"})});
    EXPECT_THAT(page_of({&ranking, {}, &ranked, {}, "k1"}), HasSubstr("2 points, first 1 time<"));
}

TEST(Page, An_event_without_polls_says_so) {
    EXPECT_THAT(page_of(std::vector<wire::page_poll>{}), HasSubstr("nothing to vote on yet"));
}

TEST(Page, Styles_are_there_and_close_what_they_open) {
    const auto css = wire::page_css();
    EXPECT_EQ(std::count(css.begin(), css.end(), '{'), std::count(css.begin(), css.end(), '}'));
    EXPECT_THAT(std::string(css), HasSubstr(".results"));
}

TEST(Page_form, Posted_ballots_are_read) {
    const auto choices = wire::read_page_ballot("poll=po1&key=k1&choice=b&choice=a");
    ASSERT_TRUE(choices);
    EXPECT_EQ(choices->poll, base::poll_id{"po1"});
    EXPECT_EQ(choices->key, "k1");
    EXPECT_EQ(choices->revision, 0u);
    EXPECT_EQ(choices->choices, (std::vector<std::string>{"b", "a"}));
    EXPECT_EQ(wire::read_page_ballot("poll=po1&key=k1&rating=4")->rating, 4);
    EXPECT_EQ(wire::read_page_ballot("poll=po1&key=k1&rank_2=a&rank_1=c&rank_3=")->choices,
              (std::vector<std::string>{"c", "a"}));
    EXPECT_TRUE(wire::read_page_ballot("poll=po1&key=k1w&withdraw=1")->withdraw);
}

TEST(Page_form, A_posted_ballot_is_a_ballot) {
    const auto poll = samples::poll(poll_type::ranking);
    const auto posted = wire::read_page_ballot("poll=po1&key=k1&rank_1=c&rank_2=a");
    ASSERT_TRUE(posted);
    std::vector<std::string_view> views;
    EXPECT_EQ(domain::ballot_from(poll.definition, posted->form(views)).value(),
              samples::chosen(poll, {"c", "a"}));
    const auto rating = samples::poll(poll_type::rating);
    const auto rated = wire::read_page_ballot("poll=po1&key=k1&rating=3&revision=7");
    EXPECT_EQ(rated->form(views).revision, 7u);
    EXPECT_EQ(domain::ballot_from(rating.definition, rated->form(views)).value(),
              samples::rated(rating, 3));
}

TEST(Page_form, What_no_form_of_ours_posts_is_refused) {
    const std::pair<const char*, errc> table[] = {
        {"", errc::invalid_request},
        {"key=k1&choice=a", errc::invalid_request},
        {"poll=p/1&key=k1&choice=a", errc::invalid_request},
        {"poll=po1&choice=a", errc::invalid_request},
        {"poll=po1&key=a+b&choice=a", errc::invalid_request},
        {"poll=po1&key=k1&rank_13=a", errc::unknown_field},
        {"poll=po1&key=k1&rank_0=a", errc::unknown_field},
        {"poll=po1&key=k1&rating=four", errc::invalid_request},
        {"poll=po1&key=k1&rating=4.0", errc::invalid_request},
        {"poll=po1&key=k1&rating=4&choice=a", errc::invalid_request},
        {"poll=po1&key=k1&choice=a&revision=0", errc::invalid_request},
        {"poll=po1&key=k1&choice=a&revision=4294967296", errc::invalid_request},
        {"poll=po1&key=k1&choice=a&revision=", errc::invalid_request},
        {"poll=po1&key=k1&choice=a&withdraw=1", errc::invalid_request},
        {"poll=po1&key=k1&choice=a&more=1", errc::unknown_field},
        {"poll=po1&key=k1&choice=%ff", errc::invalid_request},
    };
    for (const auto& [body, code] : table) {
        const auto read = wire::read_page_ballot(body);
        ASSERT_FALSE(read) << body;
        EXPECT_EQ(static_cast<int>(read.error().code), static_cast<int>(code)) << body;
    }
}

TEST(Page_form, What_its_reader_left_out_is_for_the_page_to_say) {
    for (const auto* body : {"poll=po1&key=k1", "poll=po1&key=k1&rank_1=&rank_2="})
        EXPECT_EQ(wire::read_page_ballot(body).value().unfit, "Nothing was chosen.") << body;
    EXPECT_THAT(wire::read_page_ballot("poll=po1&key=k1&rank_1=&rank_2=a").value().unfit,
                HasSubstr("without a gap"));
    for (const auto* body : {"poll=po1&key=k1&rank_1=a&rank_2=", "poll=po1&key=k1&rating=2",
                             "poll=po1&key=k1&withdraw=1"})
        EXPECT_EQ(wire::read_page_ballot(body).value().unfit, "") << body;
}

TEST(Page_form, Join_form_brings_a_code) {
    EXPECT_EQ(wire::read_page_code("code=346+79c").value(), "346 79c");
    for (const auto* body : {"", "code=", "name=x", "code=a&code=b", "code=a&more=b", "code=%00"})
        EXPECT_FALSE(wire::read_page_code(body)) << body;
    const std::string longest(wire::longest_typed_code, 'a');
    EXPECT_TRUE(wire::read_page_code("code=" + longest));
    EXPECT_FALSE(wire::read_page_code("code=" + longest + "a"));
}

TEST(Page_form, Join_form_takes_a_pasted_address) {
    for (const auto* typed :
         {"https://vote.example.org/SHOW26", "http://10.0.0.1:8080/SHOW26/?lang=de#top", "/SHOW26",
          "vote.example.org/SHOW26", "vote.example.org/SHOW26?back=/other"})
        EXPECT_EQ(wire::read_page_code("code=" + std::string(typed)).value(), "SHOW26") << typed;
    EXPECT_EQ(wire::read_page_code("code=https://vote.example.org/%20show-26%20").value(),
              " show-26 ");
    EXPECT_EQ(wire::read_page_code("code=///").value(), "");
}

}  // namespace
