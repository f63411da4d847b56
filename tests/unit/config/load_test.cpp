#include <tallycast/config/load.hpp>

#include "files.hpp"

#include <gtest/gtest.h>

namespace tallycast::config {
namespace {

using variables = std::map<std::string, std::string>;
using namespace std::chrono_literals;

settings loaded(const std::vector<std::string>& args, const variables& environment = {}) {
    const outcome answer = load(args, environment);
    if (const auto* bad = std::get_if<std::vector<bad_option>>(&answer))
        ADD_FAILURE() << describe(*bad);
    return std::holds_alternative<settings>(answer) ? std::get<settings>(answer) : settings{};
}

std::vector<bad_option> refused(const std::vector<std::string>& args,
                                const variables& environment = {}) {
    const outcome answer = load(args, environment);
    if (const auto* bad = std::get_if<std::vector<bad_option>>(&answer)) return *bad;
    ADD_FAILURE() << "nothing was refused";
    return {};
}

const std::string strong = "correct-horse-battery-staple-0123456789";
const std::string hex_key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

TEST(Load, Nothing_given_means_the_defaults) {
    const settings s = loaded({});
    EXPECT_EQ(s.listen, (endpoint{"0.0.0.0", 8080}));
    EXPECT_EQ(s.ops_listen, (endpoint{"127.0.0.1", 8081}));
    EXPECT_EQ(s.data_dir, "./data");
    EXPECT_EQ(s.durability, durability::fsync);
    EXPECT_EQ(s.threads, 0u);
    EXPECT_EQ(s.token_ttl, 12h);
    EXPECT_TRUE(s.limits.on);
    EXPECT_EQ(s.limits.connection, (rate{200, 400}));
    EXPECT_EQ(s.limits.address, (rate{2000, 10000}));
    EXPECT_EQ(s.limits.voter, (rate{10, 50}));
    EXPECT_EQ(s.limits.tenant, (rate{50000, 100000}));
    EXPECT_EQ(s.limits.join_address, (rate{500, 5000}));
    EXPECT_EQ(s.max_connections, 10000u);
    EXPECT_EQ(s.max_subscriptions, 256u);
    EXPECT_EQ(s.max_vote_queue, 65536u);
    EXPECT_EQ(s.header_timeout, 10s);
    EXPECT_EQ(s.body_timeout, 20s);
    EXPECT_EQ(s.write_timeout, 15s);
    EXPECT_EQ(s.idle_timeout, 75s);
    EXPECT_EQ(s.drain_timeout, 25s);
    EXPECT_EQ(s.reconnect_spread, 10s);
    EXPECT_EQ(s.secure_cookies, cookie_policy::automatic);
    EXPECT_EQ(s.log_level, log_level::info);
    EXPECT_EQ(s.log_format, log_format::json);
    EXPECT_FALSE(s.production);
    EXPECT_FALSE(s.demo);
    EXPECT_TRUE(s.allowed_origins.empty());
    EXPECT_TRUE(s.trusted_proxies.empty());
}

TEST(Load, A_flag_beats_a_variable_beats_the_file_beats_the_default) {
    const temporary_file file("threads = 1\nmax-connections = 11\ndata_dir = \"/file\"\n");
    const variables environment{{"TALLYCAST_THREADS", "2"},
                                {"TALLYCAST_MAX_CONNECTIONS", "12"},
                                {"TALLYCAST_CONFIG", file.path()}};
    const settings s = loaded({"--threads", "3"}, environment);
    EXPECT_EQ(s.threads, 3u);
    EXPECT_EQ(s.max_connections, 12u);
    EXPECT_EQ(s.data_dir, "/file");
    EXPECT_EQ(s.max_subscriptions, 256u);
}

TEST(Load, The_flag_for_the_file_beats_the_variable_for_it) {
    const temporary_file one("threads = 1\n");
    const temporary_file two("threads = 2\n");
    EXPECT_EQ(loaded({"--config=" + two.path()}, {{"TALLYCAST_CONFIG", one.path()}}).threads, 2u);
}

TEST(Load, An_empty_variable_is_none_and_a_foreign_one_is_not_looked_at) {
    EXPECT_EQ(
        loaded({}, {{"TALLYCAST_THREADS", ""}, {"TALLYCAST_PORT", "tcp://10.0.0.1:80"}}).threads,
        0u);
}

TEST(Load, Every_kind_is_read) {
    const settings s = loaded({"--listen",
                               "[::1]:0",
                               "--demo",
                               "--limits=off",
                               "--drain-timeout",
                               "250ms",
                               "--limit-voter-rate",
                               "0.5",
                               "--log-level",
                               "debug",
                               "--secure-cookies",
                               "on",
                               "--allowed-origins",
                               "https://A.example:443,http://b.example:81",
                               "--allowed-origins",
                               "http://c.example:80",
                               "--trusted-proxies",
                               "10.0.0.0/8, fd00::/8",
                               "--token-keys",
                               "k1:" + hex_key,
                               "--public-url",
                               "https://vote.example.org/"});
    EXPECT_EQ(s.listen, (endpoint{"::1", 0}));
    EXPECT_TRUE(s.demo);
    EXPECT_FALSE(s.limits.on);
    EXPECT_EQ(s.drain_timeout, 250ms);
    EXPECT_EQ(s.limits.voter, (rate{0.5, 50}));
    EXPECT_EQ(s.log_level, log_level::debug);
    EXPECT_EQ(s.secure_cookies, cookie_policy::always);
    EXPECT_EQ(
        s.allowed_origins,
        (std::vector<std::string>{"https://a.example", "http://b.example:81", "http://c.example"}));
    EXPECT_EQ(s.trusted_proxies, (std::vector<std::string>{"10.0.0.0/8", "fd00::/8"}));
    ASSERT_EQ(s.token_keys.size(), 1u);
    EXPECT_EQ(s.token_keys[0].id, "k1");
    EXPECT_EQ(s.token_keys[0].secret.size(), 32u);
    EXPECT_EQ(s.token_keys[0].secret[31], '\x1f');
    EXPECT_EQ(s.public_url, "https://vote.example.org");
}

TEST(Load, All_bad_options_of_all_sources_are_named_at_once) {
    const temporary_file file("# first\nlog-format = \"xml\"\nlimmits = true\n");
    const auto bad =
        refused({"--listen", "nowhere", "--lisen", "x", "--threads"},
                {{"TALLYCAST_IDLE_TIMEOUT", "soon"}, {"TALLYCAST_CONFIG", file.path()}});
    std::map<std::string, std::string> where;
    for (const auto& b : bad) where[b.name] = b.where;
    const std::map<std::string, std::string> expected{
        {"--listen", "command line"},    {"--lisen", "command line"},
        {"--threads", "command line"},   {"--idle-timeout", "environment TALLYCAST_IDLE_TIMEOUT"},
        {"limmits", file.path() + ":3"}, {"--log-format", file.path() + ":2"}};
    EXPECT_EQ(where, expected);
    EXPECT_EQ(bad.size(), expected.size());
}

TEST(Load, A_slip_is_told_the_option_it_is_near) {
    EXPECT_NE(describe(refused({"--lisen=x"})).find("did you mean --listen?"), std::string::npos);
}

TEST(Load, Help_is_asked_for_and_names_every_option) {
    const outcome answer = load({"--listen", "nowhere", "--help"}, {}, "tallycast doctor");
    ASSERT_TRUE(std::holds_alternative<help>(answer));
    const std::string text = std::get<help>(answer).text;
    EXPECT_NE(text.find("tallycast doctor"), std::string::npos);
    const settings defaults = loaded({});
    for (const auto& [name, value] : defaults.as_text)
        EXPECT_NE(text.find("--" + name), std::string::npos) << name;
}

struct refusal {
    const char* name;
    std::vector<std::string> args;
    const char* option;
    const char* why;
};

void PrintTo(const refusal& r, std::ostream* out) { *out << r.name; }

class Refused : public testing::TestWithParam<refusal> {};

TEST_P(Refused, With_its_name_and_the_reason) {
    const auto bad = refused(GetParam().args);
    ASSERT_EQ(bad.size(), 1u) << describe(bad);
    EXPECT_EQ(bad[0].name, GetParam().option);
    EXPECT_NE(bad[0].why.find(GetParam().why), std::string::npos) << bad[0].why;
}

const std::vector<refusal> refusals{
    {"No_colon", {"--listen=8080"}, "--listen", "not address:port"},
    {"Host_name", {"--listen=localhost:8080"}, "--listen", "not address:port"},
    {"Bare_ipv6", {"--listen=::1:8080"}, "--listen", "not address:port"},
    {"Port_too_high", {"--listen=0.0.0.0:65536"}, "--listen", "port"},
    {"Same_address_twice", {"--listen=127.0.0.1:8081"}, "--ops-listen", "same"},
    {"Memory_in_redis", {"--store=redis://h:6379", "--durability=memory"}, "--durability", "async"},
    {"Slices_too_many", {"--store-slices=65"}, "--store-slices", "0 to 64"},
    {"Unknown_store", {"--store=mongo"}, "--store", "embedded"},
    {"Replicated", {"--durability=replicated"}, "--durability", "replicas"},
    {"Unknown_durability", {"--durability=high"}, "--durability", "none of"},
    {"Memory_cannot_fsync",
     {"--data-dir=:memory:", "--durability=fsync"},
     "--durability",
     "keeps nothing"},
    {"Memory_cannot_async",
     {"--data-dir=:memory:", "--durability=async"},
     "--durability",
     "keeps nothing"},
    {"Threads_too_many", {"--threads=257"}, "--threads", "0 to 256"},
    {"Threads_negative", {"--threads=-1"}, "--threads", "0 to 256"},
    {"Threads_with_a_rest", {"--threads=4x"}, "--threads", "integer"},
    {"Threads_huge", {"--threads=99999999999999999999"}, "--threads", "integer"},
    {"Duration_without_unit", {"--idle-timeout=10"}, "--idle-timeout", "duration"},
    {"Duration_too_long", {"--idle-timeout=61m"}, "--idle-timeout", "1s to 1h"},
    {"Duration_that_would_wrap",
     {"--idle-timeout=5124095576030432h"},
     "--idle-timeout",
     "1s to 1h"},
    {"Rate_zero", {"--limit-voter-rate=0"}, "--limit-voter-rate", "number"},
    {"Rate_nan", {"--limit-voter-rate=nan"}, "--limit-voter-rate", "number"},
    {"Burst_zero", {"--limit-voter-burst=0"}, "--limit-voter-burst", "integer"},
    {"Switch", {"--limits=maybe"}, "--limits", "neither"},
    {"Level", {"--log-level=loud"}, "--log-level", "none of"},
    {"Star_origin", {"--allowed-origins=*"}, "--allowed-origins", "name each"},
    {"Origin_with_path", {"--allowed-origins=https://a.example/"}, "--allowed-origins", "origin"},
    {"Origin_without_scheme", {"--allowed-origins=a.example"}, "--allowed-origins", "origin"},
    {"Origin_between_commas",
     {"--allowed-origins=https://a.example,,https://b.example"},
     "--allowed-origins",
     "origin"},
    {"Block_too_wide", {"--trusted-proxies=10.0.0.0/33"}, "--trusted-proxies", "0 to 32"},
    {"Block_of_names", {"--trusted-proxies=proxy"}, "--trusted-proxies", "address block"},
    {"Public_url_with_query", {"--public-url=https://a.example/?x"}, "--public-url", "address"},
    {"Operator_key_with_blank", {"--operator-key=a b"}, "--operator-key", "visible"},
    {"Operator_key_like_a_voter", {"--operator-key=tcv_x"}, "--operator-key", "tcv_"},
    {"Host_key_is_operator_key", {"--operator-key=abc", "--host-key=abc"}, "--host-key", "differ"},
    {"Token_key_without_id", {"--token-keys=:" + hex_key}, "--token-keys", "id"},
    {"Token_key_short", {"--token-keys=k:" + hex_key.substr(2)}, "--token-keys", "64"},
    {"Token_key_not_hex", {"--token-keys=k:" + std::string(64, 'g')}, "--token-keys", "64"},
    {"Token_key_id_too_long",
     {"--token-keys=abcdefghijklmnopq:" + hex_key},
     "--token-keys",
     "1 to 16"},
    {"Token_key_ids_twice",
     {"--token-keys=k:" + hex_key + ",k:" + hex_key},
     "--token-keys",
     "twice"},
    {"No_such_config", {"--config=/nonexistent/x.toml"}, "--config", "cannot be read"},
    {"No_such_key_file", {"--host-key-file=/nonexistent/key"}, "--host-key-file", "cannot be read"},
    {"Given_twice", {"--threads=1", "--threads=2"}, "--threads", "more than once"},
    {"No_value", {"--data-dir"}, "--data-dir", "needs a value"},
    {"A_stray_word", {"stray"}, "stray", "neither"},
};

INSTANTIATE_TEST_SUITE_P(Load, Refused, testing::ValuesIn(refusals),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(Load, A_refusal_never_shows_a_secret) {
    const auto bad = refused({"--operator-key", "hush hush", "--host-key", "tcv_hush",
                              "--token-keys", "hush", "--store", "rediss:hush@h:1"});
    EXPECT_EQ(bad.size(), 4u);
    EXPECT_EQ(describe(bad).find("hush"), std::string::npos);
}

TEST(Load, Faults_that_only_the_user_of_a_value_sees_are_named_with_all_others) {
    const auto check = [](const settings& s) {
        EXPECT_EQ(s.store, "redis://h:0");
        return further_faults{{"store", "has no port"}};
    };
    const auto answer =
        load({"--threads=many"}, {{"TALLYCAST_STORE", "redis://h:0"}}, "tallycast serve", check);
    const auto& bad = std::get<std::vector<bad_option>>(answer);
    ASSERT_EQ(bad.size(), 2u);
    EXPECT_EQ(bad[0].name, "--threads");
    EXPECT_EQ(bad[1].name, "--store");
    EXPECT_EQ(bad[1].where, "environment TALLYCAST_STORE");
    EXPECT_EQ(bad[1].why, "has no port");
}

TEST(Load, The_texts_show_what_was_chosen_and_hide_secrets) {
    const settings s = loaded({"--operator-key", "hush", "--threads", "2"});
    EXPECT_EQ(s.as_text.at("operator-key"), "(set)");
    EXPECT_EQ(s.as_text.at("host-key"), "");
    EXPECT_EQ(s.as_text.at("threads"), "2");
    EXPECT_EQ(s.as_text.at("listen"), "0.0.0.0:8080");
}

TEST(Load, Store_in_redis_leaves_its_level_open_and_hides_its_address) {
    const settings s = loaded({"--store", "redis://user:hush@h:6379", "--store-slices", "16"});
    EXPECT_FALSE(is_embedded(s));
    EXPECT_EQ(s.durability, durability::automatic);
    EXPECT_EQ(s.store_slices, 16u);
    EXPECT_EQ(s.as_text.at("store"), "(set)");
    EXPECT_EQ(loaded({"--store=redis://h", "--durability=replicated"}).durability,
              durability::replicated);
}

TEST(Load, Memory_needs_no_durability_to_be_named) {
    EXPECT_EQ(loaded({"--data-dir", ":memory:"}).durability, durability::memory);
    EXPECT_EQ(loaded({"--data-dir", ":memory:", "--durability", "memory"}).durability,
              durability::memory);
    EXPECT_EQ(loaded({"--durability", "memory"}).durability, durability::memory);
    EXPECT_EQ(loaded({"--durability", "async"}).durability, durability::async);
}

TEST(Load, Keys_are_read_from_their_files) {
    const temporary_file host("  " + strong + "\n");
    const temporary_file tokens("a:" + hex_key + "\nb:" + hex_key + "\n");
    const settings s = loaded({"--host-key-file", host.path(), "--token-keys-file", tokens.path()});
    EXPECT_EQ(s.host_key, strong);
    ASSERT_EQ(s.token_keys.size(), 2u);
    EXPECT_EQ(s.token_keys[1].id, "b");
}

TEST(Load, A_bad_key_file_is_named_without_the_key) {
    const temporary_file empty(" \n");
    const temporary_file blank("hush hush\n");
    const auto bad =
        refused({"--operator-key-file", empty.path(), "--host-key-file", blank.path()});
    EXPECT_EQ(bad.size(), 2u);
    EXPECT_NE(describe(bad).find("is empty"), std::string::npos);
    EXPECT_EQ(describe(bad).find("hush"), std::string::npos);
}

TEST(Load, A_key_and_its_file_from_one_source_are_one_too_many) {
    const temporary_file file(strong);
    const auto bad = refused({"--host-key", "abc", "--host-key-file", file.path()});
    ASSERT_EQ(bad.size(), 1u);
    EXPECT_EQ(bad[0].name, "--host-key-file");
}

TEST(Load, A_key_of_a_stronger_source_hides_the_file_of_a_weaker_one) {
    const temporary_file file(strong);
    EXPECT_EQ(loaded({"--host-key", "abc"}, {{"TALLYCAST_HOST_KEY_FILE", file.path()}}).host_key,
              "abc");
    EXPECT_EQ(loaded({"--host-key-file", file.path()}, {{"TALLYCAST_HOST_KEY", "abc"}}).host_key,
              strong);
}

TEST(Production, Strong_keys_start) {
    const settings s =
        loaded({"--production", "--operator-key", strong, "--token-keys", "k:" + hex_key});
    EXPECT_TRUE(s.production);
}

TEST(Production, Missing_keys_are_all_named) {
    const auto bad = refused({"--production"});
    ASSERT_EQ(bad.size(), 2u);
    EXPECT_EQ(bad[0].name, "--operator-key");
    EXPECT_NE(bad[0].why.find("`openssl rand -hex 32` makes one"), std::string::npos);
    EXPECT_EQ(bad[1].name, "--token-keys");
    EXPECT_NE(bad[1].why.find("`echo \"k1:$(openssl rand -hex 32)\"` makes one"),
              std::string::npos);
}

TEST(Production, Weak_keys_and_a_demo_stop_the_start) {
    const temporary_file host("short");
    const auto bad =
        refused({"--production", "--demo", "--operator-key", strong.substr(0, 31),
                 "--host-key-file", host.path(), "--token-keys", "k:" + std::string(64, '7')});
    std::vector<std::string> names;
    for (const auto& b : bad) names.push_back(b.name);
    EXPECT_EQ(names, (std::vector<std::string>{"--operator-key", "--host-key-file", "--token-keys",
                                               "--demo"}));
}

TEST(Production, One_character_repeated_is_weak_at_any_length) {
    const auto bad = refused(
        {"--production", "--operator-key", std::string(64, 'a'), "--token-keys", "k:" + hex_key});
    ASSERT_EQ(bad.size(), 1u);
    EXPECT_EQ(bad[0].name, "--operator-key");
}

}  // namespace
}  // namespace tallycast::config
