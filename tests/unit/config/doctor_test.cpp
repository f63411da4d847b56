#include <tallycast/config/doctor.hpp>
#include <tallycast/config/load.hpp>

#include <gtest/gtest.h>

#include <functional>

namespace tallycast::config {
namespace {

constexpr std::uint64_t gib = 1ULL << 30;

settings good_settings() {
    return std::get<settings>(load({"--trusted-proxies", "10.0.0.0/8"}, {}));
}

machine_facts good_machine() {
    machine_facts facts;
    facts.open_files_soft = 65'536;
    facts.open_files_hard = 1'048'576;
    facts.free_disk_bytes = 50 * gib;
    facts.data_dir_writable = true;
    facts.clock_synchronised = true;
    facts.memory_bytes = 8 * gib;
    facts.cores = 4;
    facts.ephemeral_port_first = 32'768;
    facts.ephemeral_port_last = 60'999;
    facts.somaxconn = 4096;
    return facts;
}

TEST(Doctor, A_good_machine_and_the_defaults_give_no_finding) {
    const auto found = examine(good_settings(), good_machine());
    EXPECT_TRUE(found.empty()) << found.front().what;
}

TEST(Doctor, What_could_not_be_read_is_not_judged) {
    EXPECT_TRUE(examine(good_settings(), {}).empty());
}

struct ailment {
    const char* name;
    std::function<void(settings&, machine_facts&)> cause;
    finding_severity severity;
    const char* what;
    const char* fix;
};

void PrintTo(const ailment& a, std::ostream* out) { *out << a.name; }

class Found : public testing::TestWithParam<ailment> {};

TEST_P(Found, With_its_fix) {
    settings wanted = good_settings();
    machine_facts machine = good_machine();
    GetParam().cause(wanted, machine);
    const auto found = examine(wanted, machine);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].severity, GetParam().severity);
    EXPECT_NE(found[0].what.find(GetParam().what), std::string::npos) << found[0].what;
    EXPECT_NE(found[0].fix.find(GetParam().fix), std::string::npos) << found[0].fix;
}

constexpr auto advice = finding_severity::advice;
constexpr auto warning = finding_severity::warning;
constexpr auto problem = finding_severity::problem;

const std::vector<ailment> ailments{
    {"Operator_key_short", [](settings& s, machine_facts&) { s.operator_key = "abc"; }, warning,
     "--operator-key is weak", "openssl rand -hex 32"},
    {"Host_key_of_one_character",
     [](settings& s, machine_facts&) { s.host_key = std::string(40, 'h'); }, warning,
     "--host-key is weak", "openssl rand -hex 32"},
    {"Token_key_of_one_byte",
     [](settings& s, machine_facts&) {
         s.token_keys = {{"k1", std::string(32, '\0')}};
     },
     warning, "--token-keys is weak", "echo \"k1:$(openssl rand -hex 32)\""},
    {"Soft_limit_low", [](settings&, machine_facts& m) { m.open_files_soft = 1024; }, warning,
     "room for 896 of 10000", "Raise the soft limit: `ulimit -n 10128`"},
    {"Hard_limit_low",
     [](settings&, machine_facts& m) { m.open_files_soft = m.open_files_hard = 4096; }, warning,
     "room for 3968 of 10000", "--max-connections 3968"},
    {"No_room_at_all", [](settings&, machine_facts& m) { m.open_files_soft = 128; }, problem,
     "room for 0", "ulimit -n"},
    {"Folder_not_writable", [](settings&, machine_facts& m) { m.data_dir_writable = false; },
     problem, "cannot be written", "--data-dir"},
    {"Disk_nearly_full", [](settings&, machine_facts& m) { m.free_disk_bytes = 900ULL << 20; },
     warning, "900 MiB", "Free some"},
    {"Disk_full", [](settings&, machine_facts& m) { m.free_disk_bytes = 63ULL << 20; }, problem,
     "63 MiB", "Free some"},
    {"Clock_astray", [](settings&, machine_facts& m) { m.clock_synchronised = false; }, warning,
     "not synchronised", "chrony"},
    {"Little_memory", [](settings&, machine_facts& m) { m.memory_bytes = gib / 4; }, warning,
     "256 MiB of memory", "--max-connections"},
    {"More_threads_than_cores", [](settings& s, machine_facts&) { s.threads = 5; }, advice,
     "5 I/O threads share 4 cores", "--threads"},
    {"Port_may_be_taken", [](settings& s, machine_facts&) { s.listen.port = 32'768; }, warning,
     "--listen, 32768", "ip_local_reserved_ports=32768"},
    {"Operations_port_may_be_taken",
     [](settings& s, machine_facts&) { s.ops_listen.port = 60'999; }, warning,
     "--ops-listen, 60999", "ip_local_reserved_ports=60999"},
    {"Short_backlog", [](settings&, machine_facts& m) { m.somaxconn = 128; }, warning, "128",
     "somaxconn=4096"},
    {"Operations_open", [](settings& s, machine_facts&) { s.ops_listen.address = "0.0.0.0"; },
     warning, "asks for no credential", "--ops-listen"},
    {"Operations_open_by_ipv6", [](settings& s, machine_facts&) { s.ops_listen.address = "::"; },
     warning, "asks for no credential", "--ops-listen"},
    {"Everybody_trusted", [](settings& s, machine_facts&) { s.trusted_proxies = {"0.0.0.0/0"}; },
     warning, "choose its own address", "proxies"},
    {"Proxy_not_trusted",
     [](settings& s, machine_facts&) {
         s.listen.address = "127.0.0.1";
         s.trusted_proxies.clear();
     },
     advice, "share one address", "--trusted-proxies"},
    {"Plain_cookies_in_production",
     [](settings& s, machine_facts&) {
         s.production = true;
         s.secure_cookies = cookie_policy::never;
     },
     warning, "plain HTTP", "--secure-cookies"},
    {"Nothing_kept",
     [](settings& s, machine_facts& m) {
         s.data_dir = ":memory:";
         s.durability = durability::memory;
         m.free_disk_bytes.reset();
         m.data_dir_writable.reset();
     },
     advice, ":memory:", "--data-dir"},
    {"Votes_in_memory_in_production",
     [](settings& s, machine_facts&) {
         s.production = true;
         s.durability = durability::memory;
     },
     warning, "--durability memory", "fsync"},
    {"Limits_off", [](settings& s, machine_facts&) { s.limits.on = false; }, warning,
     "limits are off", "--limits on"},
    {"Drain_outlives_the_supervisor",
     [](settings& s, machine_facts&) { s.drain_timeout = std::chrono::seconds(30); }, advice,
     "30000 ms", "terminationGracePeriodSeconds"},
};

INSTANTIATE_TEST_SUITE_P(Doctor, Found, testing::ValuesIn(ailments),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(Doctor, The_worst_comes_first) {
    settings wanted = good_settings();
    machine_facts machine = good_machine();
    wanted.threads = 9;
    machine.somaxconn = 5;
    machine.data_dir_writable = false;
    const auto found = examine(wanted, machine);
    ASSERT_EQ(found.size(), 3u);
    EXPECT_EQ(found[0].severity, problem);
    EXPECT_EQ(found[1].severity, warning);
    EXPECT_EQ(found[2].severity, advice);
}

TEST(Doctor, Connections_fit_into_the_files_left_and_never_exceed_what_is_wanted) {
    const settings wanted = good_settings();
    EXPECT_EQ(connections_that_fit(wanted, 0), 0u);
    EXPECT_EQ(connections_that_fit(wanted, 128), 0u);
    EXPECT_EQ(connections_that_fit(wanted, 129), 1u);
    EXPECT_EQ(connections_that_fit(wanted, 1ULL << 40), 10'000u);
}

TEST(Doctor, This_machine_is_read) {
    settings wanted = good_settings();
    wanted.data_dir = "/tmp/no-such-folder/below";
    const machine_facts facts = read_machine_facts(wanted);
    EXPECT_GT(facts.open_files_soft.value_or(0), 0u);
    EXPECT_GT(facts.free_disk_bytes.value_or(0), 0u);
    EXPECT_EQ(facts.data_dir_writable, true);
    EXPECT_GT(facts.memory_bytes.value_or(0), 0u);
    EXPECT_GT(facts.cores.value_or(0), 0u);
}

TEST(Doctor, A_file_where_the_folder_should_be_cannot_be_written_into) {
    settings wanted = good_settings();
    wanted.data_dir = "/dev/null";
    EXPECT_EQ(read_machine_facts(wanted).data_dir_writable, false);
}

}  // namespace
}  // namespace tallycast::config
