#include <tallycast/telemetry/metrics.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <latch>
#include <limits>
#include <thread>
#include <vector>

namespace tallycast::telemetry {
namespace {

using ports::count;
using ports::gauge;
using ports::level;
using ports::size;
using ports::timing;

::testing::AssertionResult shows(const std::string& page, const std::string& line) {
    if (('\n' + page).find('\n' + line + '\n') != std::string::npos)
        return testing::AssertionSuccess();
    return testing::AssertionFailure() << "no line `" << line << "` in\n" << page;
}

TEST(Metrics, Counts_stand_on_the_page_under_their_names) {
    metrics m("1.2.3");
    m.add(count::votes_received, 9);
    m.add(count::votes_counted, 3);
    m.add(count::votes_changed);
    m.add(count::votes_replayed);
    m.add(count::votes_withdrawn);
    m.add(count::votes_rejected_late, 2);
    m.add(count::joins, 5);
    m.add(count::http_requests, 7);
    m.move(gauge::websocket_connections, 4);
    m.move(gauge::websocket_connections, -1);
    m.set(level::store_ready, 1);
    m.add(count::shed_results, 4);
    m.add(count::loop_busy_nanoseconds, 1'500'000'000);
    const std::string page = m.render();
    EXPECT_TRUE(shows(page, "tallycast_votes_received_total 9"));
    EXPECT_TRUE(shows(page, "tallycast_votes_total{outcome=\"counted\"} 3"));
    EXPECT_TRUE(shows(page, "tallycast_votes_total{outcome=\"changed\"} 1"));
    EXPECT_TRUE(shows(page, "tallycast_votes_total{outcome=\"replayed\"} 1"));
    EXPECT_TRUE(shows(page, "tallycast_votes_total{outcome=\"withdrawn\"} 1"));
    EXPECT_TRUE(shows(page, "tallycast_votes_rejected_total{reason=\"late\"} 2"));
    EXPECT_TRUE(shows(page, "tallycast_votes_rejected_total{reason=\"store\"} 0"));
    EXPECT_TRUE(shows(page, "tallycast_ledger_mismatch 1"));
    EXPECT_TRUE(shows(page, "tallycast_joins_total 5"));
    EXPECT_TRUE(shows(page, "tallycast_http_requests_total 7"));
    EXPECT_TRUE(shows(page, "tallycast_connections{transport=\"http\"} 0"));
    EXPECT_TRUE(shows(page, "tallycast_connections{transport=\"websocket\"} 3"));
    EXPECT_TRUE(shows(page, "tallycast_store_ready 1"));
    EXPECT_TRUE(shows(page, "tallycast_shed_total{class=\"results\"} 4"));
    EXPECT_TRUE(shows(page, "tallycast_loop_busy_seconds_total 1.5"));
    EXPECT_TRUE(shows(page, "tallycast_build_info{version=\"1.2.3\"} 1"));
    for (const char* name :
         {"process_cpu_seconds_total ", "process_resident_memory_bytes ", "process_open_fds ",
          "process_max_fds ", "process_start_time_seconds "})
        EXPECT_NE(page.find('\n' + std::string(name)), std::string::npos) << name;
}

// Each ballot that arrived has one outcome, whichever it is: all of them must be in the sum.
TEST(Metrics, The_ledger_balances_over_every_outcome) {
    metrics m("0");
    for (const auto outcome :
         {count::votes_counted, count::votes_changed, count::votes_replayed, count::votes_withdrawn,
          count::votes_rejected_invalid, count::votes_rejected_unauthorised,
          count::votes_rejected_not_open, count::votes_rejected_late,
          count::votes_rejected_already_voted, count::votes_rejected_limited,
          count::votes_rejected_overloaded, count::votes_rejected_store}) {
        m.add(count::votes_received);
        EXPECT_EQ(m.ledger_mismatch(), 1);
        m.add(outcome);
        EXPECT_EQ(m.ledger_mismatch(), 0);
    }
    m.add(count::votes_counted);
    EXPECT_EQ(m.ledger_mismatch(), -1);
}

TEST(Metrics, Adds_of_many_threads_sum_exactly) {
    constexpr int threads = 8;
    constexpr int rounds = 50'000;
    metrics m("0");
    std::latch start(threads);
    std::vector<std::thread> adding;
    for (int i = 0; i < threads; ++i)
        adding.emplace_back([&] {
            start.arrive_and_wait();
            for (int round = 0; round < rounds; ++round) {
                m.add(count::votes_received);
                m.add(count::votes_counted, 2);
                m.move(gauge::http_connections, round % 2 == 0 ? 3 : -2);
                m.observe(timing::vote_answer, 0.002);
            }
        });
    // Read while they write: never more than is meant, and no torn page.
    EXPECT_LE(m.total(count::votes_received), static_cast<std::uint64_t>(threads) * rounds);
    EXPECT_FALSE(m.render().empty());
    for (auto& one : adding) one.join();
    EXPECT_EQ(m.total(count::votes_received), 400'000u);
    EXPECT_EQ(m.total(count::votes_counted), 800'000u);
    EXPECT_EQ(m.level(gauge::http_connections), 200'000);
    EXPECT_TRUE(shows(m.render(), "tallycast_vote_answer_seconds_count 400000"));
}

TEST(Metrics, A_gauge_may_rise_on_one_thread_and_fall_on_another) {
    metrics m("0");
    m.move(gauge::sse_connections, 2);
    std::thread([&] { m.move(gauge::sse_connections, -2); }).join();
    EXPECT_EQ(m.level(gauge::sse_connections), 0);
}

TEST(Metrics, What_a_thread_counted_outlives_it) {
    metrics m("0");
    for (int i = 0; i < 100; ++i) std::thread([&] { m.add(count::joins); }).join();
    EXPECT_EQ(m.total(count::joins), 100u);
}

TEST(Metrics, Two_meters_on_one_thread_do_not_mix) {
    metrics a("0");
    {
        metrics b("0");
        for (int i = 0; i < 10; ++i) {
            a.add(count::joins);
            b.add(count::joins, 2);
        }
        EXPECT_EQ(b.total(count::joins), 20u);
    }
    metrics c("0");
    c.add(count::joins);
    EXPECT_EQ(a.total(count::joins), 10u);
    EXPECT_EQ(c.total(count::joins), 1u);
}

TEST(Metrics, A_time_falls_into_every_bucket_that_reaches_it) {
    metrics m("0");
    for (const double seconds : {0.0, 0.0005, 0.00051, 0.3, 10.0, 11.0})
        m.observe(timing::vote_answer, seconds);
    const std::string page = m.render();
    EXPECT_TRUE(shows(page, "tallycast_vote_answer_seconds_bucket{le=\"0.0005\"} 2"));
    EXPECT_TRUE(shows(page, "tallycast_vote_answer_seconds_bucket{le=\"0.001\"} 3"));
    EXPECT_TRUE(shows(page, "tallycast_vote_answer_seconds_bucket{le=\"0.25\"} 3"));
    EXPECT_TRUE(shows(page, "tallycast_vote_answer_seconds_bucket{le=\"0.5\"} 4"));
    EXPECT_TRUE(shows(page, "tallycast_vote_answer_seconds_bucket{le=\"10\"} 5"));
    EXPECT_TRUE(shows(page, "tallycast_vote_answer_seconds_bucket{le=\"+Inf\"} 6"));
    EXPECT_TRUE(shows(page, "tallycast_vote_answer_seconds_count 6"));
    const auto sum = page.find("tallycast_vote_answer_seconds_sum ");
    ASSERT_NE(sum, std::string::npos);
    EXPECT_NEAR(std::stod(page.substr(sum + 34)), 21.30101, 1e-9);
    EXPECT_TRUE(shows(page, "tallycast_store_commit_seconds_count 0"));
}

base::trace_context traced(std::uint8_t by, bool sampled) {
    base::trace_context made;
    made.trace.fill(by);
    made.sampled = sampled;
    return made;
}

TEST(Metrics, A_sampled_time_is_the_exemplar_of_its_bucket_until_a_newer_comes) {
    metrics m("0");
    m.observe(timing::request, 0.3, traced(1, true));
    m.observe(timing::request, 0.26, traced(2, true));
    m.observe(timing::request, 0.27, traced(3, false));
    m.observe(timing::request, 11, traced(4, true));
    const std::string page = m.render_open_metrics();
    const std::string bucket = "\ntallycast_request_seconds_bucket{le=";
    EXPECT_NE(
        page.find(bucket + "\"0.5\"} 3 # {trace_id=\"02020202020202020202020202020202\"} 0.26 1"),
        std::string::npos)
        << page;
    EXPECT_NE(
        page.find(bucket + "\"+Inf\"} 4 # {trace_id=\"04040404040404040404040404040404\"} 11 1"),
        std::string::npos);
    EXPECT_NE(page.find(bucket + "\"1.0\"} 3\n"), std::string::npos);
    EXPECT_EQ(m.render().find(" # "), std::string::npos) << "the plain form has none";
}

TEST(Metrics, The_open_form_names_counters_as_it_should_and_ends) {
    metrics m("1\"2");
    m.add(count::joins, 5);
    m.add(count::votes_counted, 2);
    m.set(level::store_ready, 1);
    const std::string page = m.render_open_metrics();
    EXPECT_NE(page.find("# TYPE tallycast_joins counter\n"), std::string::npos);
    EXPECT_TRUE(shows(page, "tallycast_joins_total 5"));
    EXPECT_TRUE(shows(page, "tallycast_votes_total{outcome=\"counted\"} 2"));
    EXPECT_TRUE(shows(page, "tallycast_store_ready 1"));
    EXPECT_TRUE(shows(page, "tallycast_build_info{version=\"1\\\"2\"} 1"));
    EXPECT_TRUE(page.ends_with("\n# EOF\n"));
    EXPECT_EQ(page.find("# EOF"), page.size() - 6);
}

TEST(Metrics, What_threads_measure_is_summed_or_the_highest_of_all) {
    metrics m("0");
    m.set(level::vote_queue, 3);
    m.set(level::vote_queue, 2);  // anew, not on top
    m.set(level::pressure, 0.25);
    std::thread([&] {
        m.set(level::vote_queue, 5);
        m.set(level::pressure, 0.75);
    }).join();
    const std::string page = m.render();
    EXPECT_TRUE(shows(page, "tallycast_vote_queue 7"));
    EXPECT_TRUE(shows(page, "tallycast_pressure_ratio 0.75"));
}

TEST(Metrics, A_group_is_counted_by_its_size) {
    metrics m("0");
    for (const std::uint64_t votes : {1, 2, 3, 256, 300}) m.observe(size::vote_group, votes);
    const std::string page = m.render();
    EXPECT_TRUE(shows(page, "tallycast_vote_group_size_bucket{le=\"1\"} 1"));
    EXPECT_TRUE(shows(page, "tallycast_vote_group_size_bucket{le=\"4\"} 3"));
    EXPECT_TRUE(shows(page, "tallycast_vote_group_size_bucket{le=\"256\"} 4"));
    EXPECT_TRUE(shows(page, "tallycast_vote_group_size_bucket{le=\"+Inf\"} 5"));
    EXPECT_TRUE(shows(page, "tallycast_vote_group_size_sum 562"));
}

TEST(Metrics, A_senseless_time_spoils_nothing) {
    metrics m("0");
    m.observe(timing::request, -1);
    m.observe(timing::request, std::nan(""));
    m.observe(timing::request, std::numeric_limits<double>::infinity());
    const std::string page = m.render();
    EXPECT_TRUE(shows(page, "tallycast_request_seconds_count 3"));
    EXPECT_TRUE(shows(page, "tallycast_request_seconds_bucket{le=\"0.0005\"} 2"));
}

TEST(Metrics, Promtool_finds_nothing_to_complain_of) {
    ASSERT_EQ(std::system("command -v promtool >/dev/null 2>&1"), 0)
        << "promtool is missing; tools/deps installs it";
    metrics m("1.2.3");
    m.add(count::votes_received);
    m.observe(timing::store_commit, 0.01);
    const std::string page = testing::TempDir() + "/tallycast_metrics_page.txt";
    const std::string verdict = page + ".verdict";
    std::ofstream(page) << m.render();
    const int status =
        std::system(("promtool check metrics <" + page + " >" + verdict + " 2>&1").c_str());
    std::ifstream said(verdict);
    const std::string complaint{std::istreambuf_iterator<char>(said), {}};
    std::remove(page.c_str());
    std::remove(verdict.c_str());
    EXPECT_EQ(status, 0) << complaint;
    EXPECT_EQ(complaint, "");
}

TEST(Metrics, The_content_type_is_the_one_scrapers_know) {
    EXPECT_EQ(metrics_content_type, "text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace
}  // namespace tallycast::telemetry
