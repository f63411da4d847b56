#include <tallycast/config/load.hpp>

#include "files.hpp"

#include <gtest/gtest.h>

namespace tallycast::config {
namespace {

outcome load_file(const temporary_file& file) { return load({"--config", file.path()}, {}); }

TEST(Toml_file, Every_kind_of_value_is_taken) {
    const temporary_file file(R"(
listen = "127.0.0.1:9000"
max_connections = 77
limits = false
limit-voter-rate = 2.5
limit-address-rate = 3
idle-timeout = "30s"
allowed-origins = ["https://a.example", "https://b.example"]
trusted-proxies = "10.0.0.0/8,192.0.2.1"
)");
    const outcome answer = load_file(file);
    ASSERT_TRUE(std::holds_alternative<settings>(answer)) << describe(std::get<2>(answer));
    const auto& s = std::get<settings>(answer);
    EXPECT_EQ(s.listen, (endpoint{"127.0.0.1", 9000}));
    EXPECT_EQ(s.max_connections, 77u);
    EXPECT_FALSE(s.limits.on);
    EXPECT_EQ(s.limits.voter.per_second, 2.5);
    EXPECT_EQ(s.limits.address.per_second, 3);
    EXPECT_EQ(s.idle_timeout, std::chrono::seconds(30));
    EXPECT_EQ(s.allowed_origins.size(), 2u);
    EXPECT_EQ(s.trusted_proxies.size(), 2u);
}

struct refusal {
    const char* name;
    const char* content;
    const char* option;
    int line;
    const char* why;
};

void PrintTo(const refusal& r, std::ostream* out) { *out << r.name; }

class Refused_file : public testing::TestWithParam<refusal> {};

TEST_P(Refused_file, With_file_and_line) {
    const temporary_file file(GetParam().content);
    const outcome answer = load_file(file);
    ASSERT_TRUE(std::holds_alternative<std::vector<bad_option>>(answer));
    const auto& bad = std::get<std::vector<bad_option>>(answer);
    ASSERT_EQ(bad.size(), 1u) << describe(bad);
    EXPECT_EQ(bad[0].name, GetParam().option);
    EXPECT_EQ(bad[0].where, file.path() + ':' + std::to_string(GetParam().line));
    EXPECT_NE(bad[0].why.find(GetParam().why), std::string::npos) << bad[0].why;
}

INSTANTIATE_TEST_SUITE_P(
    Toml_file, Refused_file,
    testing::Values(
        refusal{"Unknown_key", "\n\nthread = 1\n", "thread", 3, "did you mean threads?"},
        refusal{"A_section", "threads = 1\n[server]\nlisten = \"x\"\n", "server", 2, "section"},
        refusal{"Not_toml", "threads = 1\nlisten = = 2\n", "--config", 2, ""},
        refusal{"Same_key_twice", "threads = 1\nthreads = 2\n", "--config", 2, ""},
        refusal{"Both_spellings", "ops-listen = \"127.0.0.1:1\"\nops_listen = \"127.0.0.1:1\"\n",
                "ops_listen", 2, "twice"},
        refusal{"A_list_for_one_value", "threads = [1, 2]\n", "threads", 1, "not a list"},
        refusal{"A_comma_inside_an_item", "trusted-proxies = [\"10.0.0.1,10.0.0.2\"]\n",
                "trusted-proxies", 1, "kind"},
        refusal{"A_date", "token-ttl = 2026-01-01\n", "token-ttl", 1, "kind"},
        refusal{"A_control_character", "data-dir = \"a\\u0000b\"\n", "data-dir", 1, "kind"},
        refusal{"A_number_for_a_duration", "idle-timeout = 30\n", "--idle-timeout", 1, "duration"},
        refusal{"A_file_in_the_file", "config = \"other.toml\"\n", "config", 1, "cannot stand"},
        refusal{"A_letter_that_looks_latin", "# \xc3\xa9\nallowed\xd0\x90rigins = []\n", "--config",
                2, "beyond ASCII"},
        refusal{"A_section_without_a_name", "[=]\n", "--config", 1, ""},
        refusal{"A_bad_value", "# one\nlisten = \"nowhere\"\n", "--listen", 2, "address:port"}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(Toml_file, A_folder_is_no_file) {
    const outcome answer = load({"--config", "/tmp"}, {});
    ASSERT_TRUE(std::holds_alternative<std::vector<bad_option>>(answer));
    EXPECT_NE(describe(std::get<std::vector<bad_option>>(answer)).find("folder"),
              std::string::npos);
}

TEST(Toml_file, The_example_loads_and_is_the_defaults) {
    const std::string example = std::string(TALLYCAST_SOURCE_DIR) + "/config/tallycast.toml";
    const outcome from_file = load({"--config", example}, {});
    ASSERT_TRUE(std::holds_alternative<settings>(from_file)) << describe(std::get<2>(from_file));
    auto texts = std::get<settings>(from_file).as_text;
    EXPECT_EQ(texts.at("config"), example);
    texts["config"] = "";
    EXPECT_EQ(texts, std::get<settings>(load({}, {})).as_text);
}

// What is commented out is meant to be uncommented: it has to be an option, and to load.
TEST(Toml_file, The_example_names_every_option_and_loads_with_each_comment_opened) {
    const std::string content =
        content_of(std::string(TALLYCAST_SOURCE_DIR) + "/config/tallycast.toml");
    const auto defaults = std::get<settings>(load({}, {})).as_text;
    for (const auto& [name, text] : defaults) {
        if (name == "config") continue;
        const auto open = content.find("\n" + name + " = ");
        const auto commented = content.find("\n#" + name + " = ");
        ASSERT_NE(open != std::string::npos, commented != std::string::npos) << name;
        if (commented == std::string::npos || name.ends_with("-file")) continue;
        const auto end = content.find('\n', commented + 1);
        const temporary_file only(content.substr(commented + 2, end - commented - 2) + "\n");
        const outcome answer = load_file(only);
        EXPECT_TRUE(std::holds_alternative<settings>(answer)) << describe(std::get<2>(answer));
    }
}

}  // namespace
}  // namespace tallycast::config
