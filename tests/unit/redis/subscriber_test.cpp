// Sharded channels of a real redis-server.

#include "rig.hpp"

#include <redis/push.hpp>
#include <redis/subscriber.hpp>

#include <string>
#include <utility>
#include <vector>

namespace tallycast::test {

namespace {

using redis::reply;

reply text(std::string t) { return {reply::kind::text, 0, std::move(t), {}}; }
reply three(std::string word, std::string channel, reply last) {
    return {reply::kind::array, 0, {}, {text(std::move(word)), text(std::move(channel)), last}};
}

TEST(Push, Is_a_message_or_a_channel_taken_away) {
    const auto message = three("smessage", "ch", text("hello"));
    ASSERT_TRUE(redis::read_push(message));
    EXPECT_EQ(redis::read_push(message)->channel, "ch");
    EXPECT_EQ(redis::read_push(message)->payload, "hello");
    EXPECT_TRUE(redis::read_push(three("message", "ch", text(""))));
    EXPECT_EQ(
        redis::read_push(three("sunsubscribe", "ch", {reply::kind::integer, 0, {}, {}}))->what,
        redis::push::kind::taken_away);
}

TEST(Push, Answers_are_none) {
    EXPECT_FALSE(redis::read_push(three("ssubscribe", "ch", {reply::kind::integer, 1, {}, {}})));
    EXPECT_FALSE(redis::read_push({reply::kind::array, 0, {}, {text("pong"), text("")}}));
    EXPECT_FALSE(redis::read_push(text("smessage")));
    EXPECT_FALSE(redis::read_push({}));
}

class Redis_subscriber : public redis_rig {
protected:
    using said_there = std::pair<std::string, std::string>;

    void listen(const std::string& url) {
        subscriber_.emplace(
            io_.get_executor(), redis::parse_deployment(url).value(), options_,
            std::vector<std::string>{"{a}:news", "{b}:news"},
            [this](std::string_view channel, std::string_view payload) {
                heard_.emplace_back(channel, payload);
            },
            [this] { ++gaps_; }, log_);
        subscriber_->start();
    }
    void TearDown() override {
        subscriber_.reset();
        redis_rig::TearDown();
    }
    bool gap(int number) {
        return eventually([&] { return gaps_ == number; });
    }
    bool hears(const said_there& what) {
        return eventually([&] { return !heard_.empty() && heard_.back() == what; });
    }

    redis_server server_;
    std::vector<said_there> heard_;
    int gaps_ = 0;
    std::optional<redis::subscriber> subscriber_;
};

TEST_F(Redis_subscriber, Hears_its_channels_in_order_and_no_other) {
    listen(server_.url());
    ASSERT_TRUE(gap(1));
    EXPECT_EQ(server_.say({"SPUBLISH", "{c}:news", "not mine"}), "0");
    EXPECT_EQ(server_.say({"SPUBLISH", "{a}:news", "one"}), "1");
    EXPECT_EQ(server_.say({"SPUBLISH", "{a}:news", "two"}), "1");
    EXPECT_EQ(server_.say({"SPUBLISH", "{b}:news", "three"}), "1");
    ASSERT_TRUE(hears({"{b}:news", "three"}));
    EXPECT_EQ(heard_, (std::vector<said_there>{
                          {"{a}:news", "one"}, {"{a}:news", "two"}, {"{b}:news", "three"}}));
    EXPECT_EQ(gaps_, 1);
}

TEST_F(Redis_subscriber, Begins_again_when_its_link_is_killed) {
    listen(server_.url());
    ASSERT_TRUE(gap(1));
    EXPECT_EQ(server_.say({"CLIENT", "KILL", "TYPE", "pubsub"}), "1");
    ASSERT_TRUE(gap(2));
    EXPECT_EQ(server_.say({"SPUBLISH", "{a}:news", "again"}), "1");
    EXPECT_TRUE(hears({"{a}:news", "again"}));
}

TEST_F(Redis_subscriber, Begins_again_when_the_server_does) {
    listen(server_.url());
    ASSERT_TRUE(gap(1));
    server_.kill();
    server_.start();
    ASSERT_TRUE(gap(2));
    EXPECT_EQ(server_.say({"SPUBLISH", "{b}:news", "again"}), "1");
    EXPECT_TRUE(hears({"{b}:news", "again"}));
}

TEST_F(Redis_subscriber, Notices_a_server_that_fell_silent) {
    listen(server_.url());
    ASSERT_TRUE(gap(1));
    server_.freeze();
    EXPECT_TRUE(eventually([&] { return log_.says("not listening to Redis"); }));
    server_.thaw();
    EXPECT_TRUE(gap(2));
}

TEST_F(Redis_subscriber, Stays_while_nothing_is_said) {
    options_.watch_every = 20ms;
    options_.answer_time = 5s;
    listen(server_.url());
    ASSERT_TRUE(gap(1));
    EXPECT_FALSE(eventually([&] { return gaps_ > 1; }, 400ms)) << "twenty pings, no gap";
    EXPECT_EQ(server_.say({"SPUBLISH", "{a}:news", "late"}), "1");
    EXPECT_TRUE(hears({"{a}:news", "late"}));
}

TEST_F(Redis_subscriber, Hears_nothing_after_it_was_stopped) {
    listen(server_.url());
    ASSERT_TRUE(gap(1));
    subscriber_->stop();
    EXPECT_TRUE(eventually([&] { return server_.say({"SPUBLISH", "{a}:news", "x"}) == "0"; }));
    io_.restart();
    io_.poll();
    EXPECT_TRUE(heard_.empty());
}

}  // namespace

}  // namespace tallycast::test
