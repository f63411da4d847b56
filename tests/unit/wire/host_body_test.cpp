#include <tallycast/wire/host_body.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

using namespace tallycast;
using namespace std::string_literals;
using base::errc;

namespace {

using reading = std::function<base::failure(std::string_view)>;

// What the reader refuses a body with; errc::internal when it does not.
template <class Reader>
reading refusals_of(Reader read) {
    return [read](std::string_view body) {
        const auto value = read(body);
        return value ? base::failure{errc::internal, "it was accepted"} : value.error();
    };
}

struct refusal {
    std::string name;
    std::string body;
    errc code;
    std::string detail_has;
};

void expect_refused(const reading& read, const std::vector<refusal>& table) {
    for (const auto& row : table) {
        SCOPED_TRACE(row.name);
        const auto f = read(row.body);
        EXPECT_EQ(static_cast<int>(f.code), static_cast<int>(row.code)) << f.detail;
        EXPECT_NE(f.detail.find(row.detail_has), std::string::npos) << f.detail;
    }
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(Host_body, Event_is_read_with_all_and_with_the_least) {
    const auto whole = wire::read_event_create(
        R"({"title":"Gala","code":"346 79c","settings":{"locale":"pt-BR"}})");
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->title, "Gala");
    EXPECT_EQ(whole->code, "346 79c");
    EXPECT_EQ(whole->settings.locale, "pt-BR");
    const auto least = wire::read_event_create(R"({"title":"Gala"})");
    ASSERT_TRUE(least);
    EXPECT_FALSE(least->code);
    EXPECT_EQ(least->settings.locale, "en");
}

TEST(Host_body, Pages_take_a_colour_and_an_image_and_nothing_of_another_host) {
    const auto with = [](const std::string& settings) {
        return wire::read_event_create(R"({"title":"Gala","settings":{)" + settings + "}}");
    };
    const auto dressed = with(R"("accent":"#3A44c4","logo":"data:image/svg+xml;base64,PHN2Zy8+")");
    ASSERT_TRUE(dressed);
    EXPECT_EQ(dressed->settings.accent, "#3A44c4");
    EXPECT_EQ(dressed->settings.logo, "data:image/svg+xml;base64,PHN2Zy8+");
    EXPECT_EQ(with(R"("logo":"/assets/logo-1A2B3C4D.svg")")->settings.logo,
              "/assets/logo-1A2B3C4D.svg");
    EXPECT_EQ(with(R"("accent":null,"logo":null)")->settings, domain::event_settings{});
    for (const auto* bad : {"", "red", "#12345", "#12345g", "#1234567", "rgb(0,0,0)"})
        EXPECT_FALSE(with(R"("accent":")" + std::string(bad) + '"')) << bad;
    const std::string long_image = "data:image/png;base64," + std::string(8192, 'A');
    for (const auto& bad :
         {std::string("https://example.org/a.png"), std::string("//example.org/a.png"),
          std::string("data:text/html;base64,AAAA"), std::string("data:image/png,raw"),
          std::string("data:image/png;base64,"), std::string("data:image/png;base64,A<A"),
          std::string("a.png"), std::string("/a b"), std::string("/a?b=<"), long_image})
        EXPECT_FALSE(with(R"("logo":")" + bad + '"')) << bad;
}

TEST(Host_body, Text_is_kept_in_normal_form_c) {
    EXPECT_EQ(wire::read_event_create("{\"title\":\"Cafe\xcc\x81\"}")->title, "Caf\xc3\xa9");
    EXPECT_EQ(wire::read_event_create(R"({"title":"\u0041\u030a"})")->title, "\xc3\x85");
    const std::string family = "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9";  // joined by U+200D
    EXPECT_EQ(wire::read_event_create("{\"title\":\"" + family + "\"}")->title, family);
}

TEST(Host_body, What_is_no_json_is_refused_and_told_where) {
    expect_refused(
        refusals_of(wire::read_event_create),
        {{"empty", "", errc::malformed_json, "byte 0"},
         {"broken off", R"({"title":"x")", errc::malformed_json, "byte 12"},
         {"nan", R"({"title":NaN})", errc::malformed_json, "byte"},
         {"beyond a double", R"({"title":1e400})", errc::malformed_json, "byte"},
         {"byte order mark", "\xef\xbb\xbf{\"title\":\"x\"}", errc::malformed_json, "byte 0"},
         {"not utf-8", "{\"title\":\"\xff\"}", errc::malformed_json, "byte 10"},
         {"lone surrogate", R"({"title":"\ud800"})", errc::malformed_json, "byte"},
         {"raw line feed", "{\"title\":\"a\nb\"}", errc::malformed_json, "byte"},
         {"bytes behind", R"({"title":"x"}x)", errc::malformed_json, "byte 13"},
         {"null behind", "{\"title\":\"x\"}\0"s, errc::malformed_json, "byte 13"},
         {"null and more behind", "{\"title\":\"x\"}\0,"s, errc::malformed_json, "byte 13"},
         {"comment", R"({"title":"x"/**/})", errc::malformed_json, "byte"},
         {"doubled", R"({"title":"x","title":"y"})", errc::malformed_json, "\"title\""},
         {"doubled below", R"({"title":"x","settings":{"locale":"en","locale":"de"}})",
          errc::malformed_json, "\"locale\""},
         {"seventeen deep", R"({"title":)" + nested(16) + "}", errc::malformed_json, "16"},
         {"ten thousand deep", nested(10'000), errc::malformed_json, "16"},
         {"sixteen deep", R"({"title":)" + nested(15) + "}", errc::invalid_request, "title"}});
}

TEST(Host_body, Event_refuses_what_it_does_not_know_or_cannot_show) {
    expect_refused(
        refusals_of(wire::read_event_create),
        {{"an array", "[]", errc::invalid_request, "object"},
         {"no title", "{}", errc::invalid_request, "title: this member is needed"},
         {"title is a number", R"({"title":1})", errc::invalid_request, "title"},
         {"empty title", R"({"title":""})", errc::invalid_request, "title: the text is empty"},
         {"title of blanks", R"({"title":" \u00a0\u3000"})", errc::invalid_request,
          "title: the text is empty"},
         {"invisible title", R"({"title":"\u200b\u200d"})", errc::invalid_request,
          "title: the text is empty"},
         {"title too long", R"({"title":")" + std::string(201, 'x') + R"("})",
          errc::invalid_request, "200"},
         {"control character", R"({"title":"a\u0007b"})", errc::invalid_request, "control"},
         {"null", R"({"title":"a\u0000b"})", errc::invalid_request, "control"},
         {"line break", R"({"title":"a\nb"})", errc::invalid_request, "control"},
         {"delete", R"({"title":"a\u007fb"})", errc::invalid_request, "control"},
         {"c1 control", R"({"title":"a\u0085b"})", errc::invalid_request, "control"},
         {"line separator", R"({"title":"a\u2028b"})", errc::invalid_request, "control"},
         {"override", R"({"title":"a\u202eb"})", errc::invalid_request, "direction"},
         {"embedding", R"({"title":"a\u202ab"})", errc::invalid_request, "direction"},
         {"isolate", R"({"title":"a\u2066b"})", errc::invalid_request, "direction"},
         {"end of isolate", R"({"title":"a\u2069b"})", errc::invalid_request, "direction"},
         {"unknown", R"({"title":"x","colour":"red"})", errc::unknown_field, "\"colour\""},
         {"unknown before the rest", R"({"colour":"red"})", errc::unknown_field, "\"colour\""},
         {"unknown setting", R"({"title":"x","settings":{"colour":1}})", errc::unknown_field,
          "\"settings.colour\""},
         {"settings is a string", R"({"title":"x","settings":"de"})", errc::invalid_request,
          "settings"},
         {"no language", R"({"title":"x","settings":{"locale":"e"}})", errc::invalid_request,
          "settings.locale"},
         {"markup as language", R"({"title":"x","settings":{"locale":"en\"><b>"}})",
          errc::invalid_request, "settings.locale"},
         {"language with a hyphen too many", R"({"title":"x","settings":{"locale":"en-"}})",
          errc::invalid_request, "settings.locale"},
         {"code is null", R"({"title":"x","code":null})", errc::invalid_request, "code"},
         {"endless code", R"({"title":"x","code":")" + std::string(65, '3') + R"("})",
          errc::invalid_request, "64"}});
}

TEST(Host_body, Title_is_measured_in_characters) {
    std::string title;
    for (int i = 0; i < 200; ++i) title += "\xe2\x82\xac";
    EXPECT_TRUE(wire::read_event_create("{\"title\":\"" + title + "\"}"));
    EXPECT_FALSE(wire::read_event_create("{\"title\":\"" + title + "x\"}"));
}

TEST(Host_body, Event_patch_keeps_what_is_absent) {
    const auto nothing = wire::read_event_patch("{}");
    ASSERT_TRUE(nothing);
    EXPECT_EQ(*nothing, ports::event_patch{});
    const auto title = wire::read_event_patch(R"({"title":"New"})");
    ASSERT_TRUE(title);
    EXPECT_EQ(title->title, "New");
    EXPECT_FALSE(title->settings.locale);
}

TEST(Host_body, Null_in_a_patch_puts_back_the_default) {
    const auto look = wire::read_event_patch(R"({"settings":{"accent":null}})");
    EXPECT_EQ(look->settings.accent, "");
    EXPECT_FALSE(look->settings.logo) << "and what is absent stays";
    for (const auto* body : {R"({"settings":null})", R"({"settings":{"locale":null}})"}) {
        const auto patch = wire::read_event_patch(body);
        ASSERT_TRUE(patch) << body;
        EXPECT_EQ(patch->settings.locale, domain::event_settings{}.locale) << body;
    }
    const domain::quotas usual;
    EXPECT_EQ(wire::read_tenant_patch(R"({"quotas":{"events":null}})")->quotas,
              (domain::quotas_patch{usual.events, {}, {}}));
    EXPECT_EQ(wire::read_tenant_patch(R"({"quotas":null})")->quotas,
              (domain::quotas_patch{usual.events, usual.polls_per_event, usual.voters_per_event}));
    expect_refused(refusals_of(wire::read_event_patch),
                   {{"title", R"({"title":null})", errc::invalid_request, "title"},
                    {"code", R"({"code":null})", errc::invalid_request, "code"}});
    expect_refused(
        refusals_of(wire::read_event_create),
        {{"settings", R"({"title":"x","settings":null})", errc::invalid_request, "settings"},
         {"locale", R"({"title":"x","settings":{"locale":null}})", errc::invalid_request,
          "settings.locale"}});
    expect_refused(refusals_of(wire::read_tenant_create),
                   {{"quotas", R"({"name":"x","quotas":{"events":null}})", errc::invalid_request,
                     "quotas.events"}});
}

TEST(Host_body, Open_takes_a_duration_or_nothing) {
    EXPECT_EQ(wire::read_open_options("")->duration, std::nullopt);
    EXPECT_EQ(wire::read_open_options("{}")->duration, std::nullopt);
    EXPECT_EQ(wire::read_open_options(R"({"duration_ms":30000})")->duration,
              base::milliseconds{30'000});
    expect_refused(
        refusals_of(wire::read_open_options),
        {{"zero", R"({"duration_ms":0})", errc::invalid_request, "duration_ms"},
         {"negative", R"({"duration_ms":-1000})", errc::invalid_request, "duration_ms"},
         {"with a point", R"({"duration_ms":1000.0})", errc::invalid_request, "duration_ms"},
         {"a string", R"({"duration_ms":"1000"})", errc::invalid_request, "duration_ms"},
         {"beyond 63 bits", R"({"duration_ms":18446744073709551615})", errc::invalid_request,
          "duration_ms"},
         {"null", R"({"duration_ms":null})", errc::invalid_request, "duration_ms"},
         {"blank", " ", errc::malformed_json, "byte"}});
}

TEST(Host_body, Watcher_lives_twelve_hours_unless_told) {
    EXPECT_EQ(wire::read_watcher_request("")->ttl, std::chrono::hours(12));
    EXPECT_EQ(wire::read_watcher_request(R"({"ttl_s":60})")->ttl, std::chrono::seconds(60));
    EXPECT_EQ(wire::read_watcher_request(R"({"ttl_s":2592000})")->ttl, std::chrono::hours(24 * 30));
    expect_refused(refusals_of(wire::read_watcher_request),
                   {{"too short", R"({"ttl_s":59})", errc::invalid_request, "ttl_s"},
                    {"too long", R"({"ttl_s":2592001})", errc::invalid_request, "ttl_s"}});
}

TEST(Host_body, Join_needs_a_code_and_nothing_else) {
    EXPECT_EQ(wire::read_join(R"({"code":" 3467-9c "})")->code, " 3467-9c ");
    expect_refused(refusals_of(wire::read_join),
                   {{"none", "{}", errc::invalid_request, "code"},
                    {"empty", R"({"code":""})", errc::invalid_request, "code"},
                    {"empty body", "", errc::malformed_json, "byte 0"},
                    {"a name too", R"({"code":"x","name":"y"})", errc::unknown_field, "name"}});
}

TEST(Host_body, Tenant_has_a_name_and_quotas) {
    const auto tenant = wire::read_tenant_create(
        R"({"name":"Opera","quotas":{"events":3,"voters_per_event":100}})");
    ASSERT_TRUE(tenant);
    EXPECT_EQ(tenant->name, "Opera");
    EXPECT_EQ(tenant->quotas, (domain::quotas{3, domain::quotas{}.polls_per_event, 100}));
    EXPECT_EQ(wire::read_tenant_create(R"({"name":"Opera"})")->quotas, domain::quotas{});
    EXPECT_EQ(wire::read_tenant_patch(R"({"name":"Opera"})")->quotas, domain::quotas_patch{});
    EXPECT_EQ(wire::read_tenant_patch(R"({"quotas":{"events":0}})")->quotas,
              (domain::quotas_patch{0, {}, {}}));
    expect_refused(refusals_of(wire::read_tenant_create),
                   {{"no name", "{}", errc::invalid_request, "name"},
                    {"negative quota", R"({"name":"x","quotas":{"events":-1}})",
                     errc::invalid_request, "quotas.events"},
                    {"unknown quota", R"({"name":"x","quotas":{"beer":1}})", errc::unknown_field,
                     "quotas.beer"}});
}

TEST(Host_body, Key_may_have_a_label) {
    EXPECT_EQ(wire::read_key_create("")->label, "");
    EXPECT_EQ(wire::read_key_create(R"({"label":""})")->label, "");
    EXPECT_EQ(wire::read_key_create(R"({"label":"stage"})")->label, "stage");
    EXPECT_FALSE(wire::read_key_create(R"({"label":"a\u0000"})"));
}

}  // namespace
