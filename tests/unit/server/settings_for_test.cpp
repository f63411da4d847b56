#include <tallycast/server/settings_for.hpp>

#include <gtest/gtest.h>

namespace tallycast::server {
namespace {

config::settings with_store(std::string store, std::string authorities = {}) {
    config::settings s;
    s.store = std::move(store);
    s.store_ca = std::move(authorities);
    return s;
}

TEST(Faults_of_a_store, Are_none_of_one_that_can_be_read) {
    EXPECT_TRUE(faults_of_store(with_store("embedded", "/nonexistent")).empty());
    EXPECT_TRUE(faults_of_store(with_store("redis+cluster://a:1,b:2")).empty());
}

TEST(Faults_of_a_store, Name_the_address_and_never_show_its_password) {
    const auto found = faults_of_store(with_store("redis://user:hush@host:99999"));
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].first, "store");
    EXPECT_NE(found[0].second.find("port"), std::string::npos);
    EXPECT_EQ(found[0].second.find("hush"), std::string::npos);
}

TEST(Faults_of_a_store, Are_all_named) {
    const auto found = faults_of_store(with_store("rediss+sentinel://a", "/nonexistent/ca.pem"));
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].first, "store");
    EXPECT_EQ(found[1].first, "store-ca");
    EXPECT_NE(found[1].second.find("/nonexistent/ca.pem"), std::string::npos);
}

TEST(Faults_of_a_store, Are_not_named_again_where_the_value_was_refused) {
    EXPECT_TRUE(faults_of_store(with_store("")).empty());
}

}  // namespace
}  // namespace tallycast::server
