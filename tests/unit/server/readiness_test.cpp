#include <tallycast/server/readiness.hpp>

#include <gtest/gtest.h>

namespace tallycast::server {
namespace {

TEST(Readiness, A_node_at_rest_is_ready_and_takes_everything_on) {
    const readiness node;
    EXPECT_EQ(node.not_because(), "");
    EXPECT_EQ(
        node.report(),
        "node: ok\nstore: ok\nthreads: ok\npressure: 0.00\n"
        "vote: admitted\njoin: admitted\nresults: admitted\nhost: admitted\nexport: admitted\n");
}

TEST(Readiness, What_is_wrong_is_named_first_things_first) {
    readiness node{.draining = true, .store_ready = false, .threads_alive = false};
    EXPECT_EQ(node.not_because(), "draining");
    node.draining = false;
    EXPECT_EQ(node.not_because(), "the store cannot be written");
    EXPECT_NE(node.report().find("store: cannot be written\nthreads: one is stuck\n"),
              std::string::npos);
    node.store_trouble = "10.0.0.1:1: no";
    EXPECT_EQ(node.not_because(), "the store cannot be written: 10.0.0.1:1: no");
    EXPECT_NE(node.report().find("store: cannot be written: 10.0.0.1:1: no\n"), std::string::npos);
    node.store_ready = true;
    EXPECT_NE(node.report().find("store: ready, but 10.0.0.1:1: no\n"), std::string::npos);
    EXPECT_EQ(node.not_because(), "an I/O thread is stuck");
}

TEST(Readiness, Under_pressure_it_says_what_is_refused) {
    const readiness node{.pressure = 0.75};
    EXPECT_EQ(node.not_because(), "") << "a busy node goes on with the people it has";
    EXPECT_NE(node.report().find("pressure: 0.75\nvote: admitted\njoin: admitted\n"
                                 "results: refused\nhost: refused\nexport: refused\n"),
              std::string::npos)
        << node.report();
}

}  // namespace
}  // namespace tallycast::server
