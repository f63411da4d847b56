// The client and a real, lone redis-server.

#include "rig.hpp"

#include <redis/command.hpp>

#include <algorithm>

namespace tallycast::test {

namespace {

using redis::call_error;
using redis::command;
using redis::pipeline;
using redis::reply;

constexpr auto library = R"(#!lua name=tests
redis.register_function('echo_it', function(keys, args) return args[1] end)
)";

class Redis_client : public redis_rig {
protected:
    redis_server server_;
};

TEST_F(Redis_client, Answers_a_pipeline_in_order) {
    connect(server_.url());
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
    const auto got = call({command{"SET", "k", bytes}, command{"GET", "k"}, command{"INCR", "k"},
                           command{"LRANGE", "none", "0", "-1"}});
    ASSERT_TRUE(got) << got.error().detail;
    ASSERT_EQ(got->size(), 4u);
    EXPECT_EQ((*got)[0].text, "OK");
    EXPECT_EQ((*got)[1].text, bytes);
    EXPECT_EQ((*got)[2].what, reply::kind::error) << "an error is a reply like any other";
    EXPECT_EQ((*got)[3].what, reply::kind::array);
}

TEST_F(Redis_client, Sends_many_calls_over_one_link_in_few_writes) {
    connect(server_.url());
    ASSERT_TRUE(becomes_ready());
    std::vector<pending> calls;
    for (int i = 0; i < 500; ++i) {
        command echo{"ECHO"};
        echo.add(i);
        calls.push_back(begin(one(echo)));
    }
    for (int i = 0; i < 500; ++i) {
        const auto got = end(calls[static_cast<std::size_t>(i)]);
        ASSERT_TRUE(got);
        EXPECT_EQ(got->front().text, std::to_string(i));
    }
    EXPECT_NE(server_.say({"INFO", "clients"}).find("connected_clients:2"), std::string::npos);
    const auto stats = server_.say({"INFO", "stats"});
    const auto reads = stats.find("total_reads_processed:");
    ASSERT_NE(reads, std::string::npos);
    EXPECT_LT(std::stoi(stats.substr(reads + 22)), 250) << "500 calls and what redis-cli asked";
}

TEST_F(Redis_client, Knows_the_history_of_the_primary) {
    connect(server_.url());
    ASSERT_TRUE(becomes_ready());
    const auto found = client_->primaries();
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].address, "127.0.0.1:" + std::to_string(server_.port()));
    EXPECT_EQ(found[0].replid.size(), 40u);
    EXPECT_EQ(found[0].second_offset, -1);
    EXPECT_EQ(found[0].ranges, (std::vector<redis::slot_range>{{0, 16383}}));
    EXPECT_FALSE(client_->fenced());
    EXPECT_EQ(client_->last_error(), "");
}

TEST_F(Redis_client, Loads_the_library_where_a_function_is_missing) {
    connect(server_.url(), library);
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(said(one(command{"FCALL", "echo_it", "0", "hello"})), "hello");
        EXPECT_EQ(server_.say({"FUNCTION", "FLUSH"}), "OK");
    }
    std::vector<pending> calls;
    for (int i = 0; i < 50; ++i) calls.push_back(begin(one(command{"FCALL", "echo_it", "0", "x"})));
    for (const auto& each : calls) EXPECT_EQ(end(each)->front().text, "x");
    const auto stats = server_.say({"INFO", "commandstats"});
    EXPECT_NE(stats.find("cmdstat_function|load:calls=4,"), std::string::npos)
        << "once for all calls that found it missing: " << stats;
}

TEST_F(Redis_client, Gives_the_error_of_a_function_no_library_has) {
    connect(server_.url(), library);
    EXPECT_EQ(said(one(command{"FCALL", "unheard_of", "0"})), "ERR Function not found");
}

TEST_F(Redis_client, Says_what_is_wrong_with_a_library) {
    connect(server_.url(), "#!lua name=broken\nnot lua");
    const auto got = call(one(command{"FCALL", "echo_it", "0"}), 2s);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, call_error::unavailable);
    EXPECT_NE(got.error().detail.find("compiling"), std::string::npos) << got.error().detail;
}

TEST_F(Redis_client, Holds_calls_until_there_is_a_server) {
    server_.stop();
    connect(server_.url());
    const auto early = begin(one(command{"PING"}), 20s);
    const auto brief = call(one(command{"PING"}), 50ms);
    ASSERT_FALSE(brief);
    EXPECT_EQ(brief.error().code, call_error::unavailable);
    EXPECT_FALSE(client_->ready());
    EXPECT_NE(client_->last_error(), "");
    server_.start();
    EXPECT_EQ(end(early)->front().text, "PONG");
}

TEST_F(Redis_client, A_killed_server_leaves_the_outcome_unknown_and_is_found_again) {
    connect(server_.url());
    ASSERT_TRUE(becomes_ready());
    const auto blocked = begin(one(command{"BLPOP", "none", "0"}), 20s);
    ASSERT_TRUE(eventually([&] {
        return server_.say({"INFO", "clients"}).find("blocked_clients:1") != std::string::npos;
    }));
    server_.kill();
    const auto got = end(blocked);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, call_error::unknown);
    EXPECT_TRUE(eventually([&] { return !client_->ready(); }));
    server_.start();
    EXPECT_EQ(said(one(command{"PING"}), 20s), "PONG");
}

TEST_F(Redis_client, A_silent_server_is_given_up_after_half_a_second) {
    connect(server_.url());
    ASSERT_TRUE(becomes_ready());
    server_.freeze();
    const auto before = std::chrono::steady_clock::now();
    const auto got = call(one(command{"PING"}), 20s);
    const auto took = std::chrono::steady_clock::now() - before;
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, call_error::unknown);
    EXPECT_GE(took, 400ms);
    EXPECT_LT(took, 5s);
    server_.thaw();
    EXPECT_EQ(said(one(command{"PING"}), 20s), "PONG");
}

TEST_F(Redis_client, An_idle_link_to_a_silent_server_is_noticed) {
    connect(server_.url());
    ASSERT_TRUE(becomes_ready());
    server_.freeze();
    EXPECT_TRUE(eventually([&] { return !client_->ready(); }, 10s));
    server_.thaw();
    EXPECT_TRUE(becomes_ready());
}

TEST_F(Redis_client, Refuses_more_than_the_queue_holds) {
    options_.most_commands = 10;
    server_.stop();
    connect(server_.url());
    std::vector<pending> held;
    for (int i = 0; i < 5; ++i) held.push_back(begin({command{"PING"}, command{"PING"}}, 20s));
    io_.poll();
    const auto eleventh = call(one(command{"PING"}), 20s);
    ASSERT_FALSE(eleventh);
    EXPECT_EQ(eleventh.error().code, call_error::overloaded);
    server_.start();
    for (const auto& each : held) EXPECT_TRUE(end(each));
    EXPECT_EQ(said(one(command{"PING"})), "PONG") << "there is room again";
}

TEST_F(Redis_client, Refuses_more_bytes_than_the_queue_holds) {
    options_.most_bytes = 1000;
    connect(server_.url());
    const auto big = call(one(command{"ECHO", std::string(1001, 'x')}));
    ASSERT_FALSE(big);
    EXPECT_EQ(big.error().code, call_error::overloaded);
    EXPECT_EQ(said(one(command{"ECHO", "small"})), "small");
}

TEST_F(Redis_client, Stopping_ends_all_calls) {
    connect(server_.url());
    ASSERT_TRUE(becomes_ready());
    const auto under_way = begin(one(command{"BLPOP", "none", "0"}), 20s);
    io_.poll();
    client_->stop();
    for (const auto& got : {end(under_way), call(one(command{"PING"}))}) {
        ASSERT_FALSE(got);
        EXPECT_EQ(got.error().code, call_error::stopped);
    }
    EXPECT_FALSE(client_->ready());
}

TEST_F(Redis_client, Waits_out_a_busy_script) {
    options_.answer_time = 20s;
    connect(server_.url());
    ASSERT_TRUE(becomes_ready());
    server_.say({"CONFIG", "SET", "busy-reply-threshold", "1"});
    const auto script = begin(one(command{"EVAL", "while true do end", "0"}), 20s);
    ASSERT_TRUE(eventually([&] { return server_.say({"PING"}).starts_with("BUSY"); }));
    // The script holds its own link; another client's calls are told BUSY.
    redis::client other(io_.get_executor(), redis::parse_deployment(server_.url()).value(),
                        options_, "", meter_, log_);
    other.start();
    server_.say({"SCRIPT", "KILL"});
    EXPECT_TRUE(end(script)->front().is_error());
    EXPECT_TRUE(eventually([&] { return other.ready(); }));
}

TEST_F(Redis_client, Waits_out_a_full_server) {
    connect(server_.url());
    ASSERT_TRUE(becomes_ready());
    server_.say({"CONFIG", "SET", "maxmemory", "1"});
    const auto brief = call(one(command{"SET", "k", "v"}), 700ms);
    ASSERT_FALSE(brief);
    EXPECT_EQ(brief.error().code, call_error::unavailable);
    EXPECT_TRUE(brief.error().detail.starts_with("OOM")) << brief.error().detail;
    const auto held = begin(one(command{"SET", "k", "v"}), 20s);
    io_.run_for(50ms);
    server_.say({"CONFIG", "SET", "maxmemory", "0"});
    EXPECT_EQ(end(held)->front().text, "OK");
}

TEST_F(Redis_client, Waits_out_missing_replicas) {
    connect(server_.url());
    server_.say({"CONFIG", "SET", "min-replicas-to-write", "1"});
    const auto brief = call({command{"GET", "k"}, command{"SET", "k", "v"}}, 300ms);
    ASSERT_FALSE(brief);
    EXPECT_EQ(brief.error().code, call_error::unknown) << "the first command was carried out";
    EXPECT_TRUE(brief.error().detail.starts_with("NOREPLICAS")) << brief.error().detail;
}

TEST_F(Redis_client, Does_not_take_a_replica_for_a_primary) {
    redis_server replica({"--replicaof", "127.0.0.1", std::to_string(server_.port())});
    connect(replica.url());
    EXPECT_FALSE(call(one(command{"PING"}), 300ms));
    EXPECT_NE(client_->last_error().find("is no primary"), std::string::npos);
    EXPECT_EQ(replica.say({"REPLICAOF", "NO", "ONE"}), "OK");
    EXPECT_EQ(said(one(command{"PING"}), 20s), "PONG");
}

TEST_F(Redis_client, Begins_anew_when_the_primary_is_demoted) {
    connect(server_.url());
    ASSERT_TRUE(becomes_ready());
    redis_server other;
    EXPECT_EQ(server_.say({"REPLICAOF", "127.0.0.1", std::to_string(other.port())}), "OK");
    const auto held = begin(one(command{"SET", "k", "v"}), 20s);
    ASSERT_TRUE(eventually([&] { return !client_->ready(); }));
    EXPECT_EQ(server_.say({"REPLICAOF", "NO", "ONE"}), "OK");
    EXPECT_EQ(end(held)->front().text, "OK");
}

TEST_F(Redis_client, Notices_another_history_behind_an_idle_link) {
    connect(server_.url());
    ASSERT_TRUE(becomes_ready());
    const auto before = client_->primaries().at(0).replid;
    EXPECT_EQ(server_.say({"DEBUG", "CHANGE-REPL-ID"}).substr(0, 3), "ERR") << "not allowed here";
    redis_server other;
    server_.say({"REPLICAOF", "127.0.0.1", std::to_string(other.port())});
    server_.say({"REPLICAOF", "NO", "ONE"});
    EXPECT_TRUE(eventually([&] {
        const auto now = client_->primaries();
        return now.size() == 1 && now[0].replid != before;
    }));
}

// Says something first, if it is let.
class polite_greeter final : public redis::greeter {
public:
    boost::asio::awaitable<bool> greet(const redis::primary& who,
                                       redis::say_function say) override {
        met.push_back(who);
        pipeline words;
        words.push_back(command{"FCALL", "echo_it", "0", "greetings"});
        words.push_back(command{"RPUSH", "said", "first"});
        auto saying = say(std::move(words));
        const auto got = co_await std::move(saying);
        co_return got && got->front().text == "greetings" && met.size() > reluctance;
    }
    std::vector<redis::primary> met;
    std::size_t reluctance = 0;
};

TEST_F(Redis_client, The_greeter_speaks_first_on_every_new_connection) {
    polite_greeter greeter;
    connect(server_.url(), library, &greeter);
    // Twice, because all of a pipeline is said again after the library was loaded.
    EXPECT_EQ(said(one(command{"RPUSH", "said", "x"}), 20s), "3");
    ASSERT_EQ(greeter.met.size(), 1u);
    EXPECT_EQ(greeter.met[0].replid, client_->primaries().at(0).replid);
    server_.say({"CLIENT", "KILL", "TYPE", "normal"});
    EXPECT_TRUE(eventually([&] { return greeter.met.size() == 2; }));
    EXPECT_EQ(said(one(command{"RPUSH", "said", "x"}), 20s), "5");
}

TEST_F(Redis_client, Nothing_is_sent_before_the_greeter_is_content) {
    polite_greeter greeter;
    greeter.reluctance = 2;
    connect(server_.url(), library, &greeter);
    EXPECT_EQ(said(one(command{"LLEN", "said"}), 20s), "4");
    EXPECT_EQ(greeter.met.size(), 3u);
}

}  // namespace

}  // namespace tallycast::test
