// The client and servers that say what no real Redis can be brought to say.

#include "rig.hpp"

#include <redis/command.hpp>

#include <support/scripted_server.hpp>

#include <algorithm>
#include <functional>
#include <memory>

namespace tallycast::test {

namespace {

using redis::call_error;
using redis::command;
using words = scripted_server::words;

std::string bulk(const std::string& text) {
    return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
}

class Redis_talk : public redis_rig {
protected:
    using handler = std::function<std::string(const words&)>;

    // A primary that answers everything else as `others` does.
    std::unique_ptr<scripted_server> server(handler others) {
        return std::make_unique<scripted_server>(io_, scripted_server::primary(std::move(others)));
    }
    // What a cluster of one view says to who asks for it: the first has all slots.
    static std::string view(const words& said, const std::string& host, std::uint16_t port) {
        if (said.size() < 2 || said[0] != "CLUSTER") return {};
        if (said[1] == "SLOTS")
            return "*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n" + bulk(host) + ":" + std::to_string(port) +
                   "\r\n" + bulk("id");
        return bulk("id " + host + ":" + std::to_string(port) +
                    "@1 myself,master - 0 0 1 connected 0-16383\n");
    }
    static long times(const scripted_server& at, const std::string& name) {
        return std::count_if(at.told().begin(), at.told().end(),
                             [&](const words& said) { return said.front() == name; });
    }
};

TEST_F(Redis_talk, Garbage_closes_the_link_and_the_outcome_is_unknown) {
    for (const auto* garbage :
         {"HTTP/1.1 400 Bad Request\r\n\r\n", "$9223372036854775807\r\n", "*1000001\r\n", "$-7\r\n",
          "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n"}) {
        const auto bad = server([&](const words&) { return garbage; });
        connect("redis://" + bad->address());
        ASSERT_TRUE(becomes_ready());
        const auto got = call(one(command{"GET", "k"}), 5s);
        ASSERT_FALSE(got) << garbage;
        EXPECT_EQ(got.error().code, call_error::unknown);
        EXPECT_NE(got.error().detail.find("not the language"), std::string::npos)
            << got.error().detail;
        EXPECT_TRUE(eventually([&] { return bad->connections() >= 2; })) << "and tries again";
        client_.reset();
    }
}

TEST_F(Redis_talk, A_reply_nobody_asked_for_closes_the_link) {
    const auto other = server([](const words&) { return "+OK\r\n"; });
    connect("redis://" + other->address());
    ASSERT_TRUE(becomes_ready());
    other->say("+surprise\r\n");
    EXPECT_TRUE(eventually([&] { return other->connections() == 2; }));
    EXPECT_TRUE(becomes_ready());
    EXPECT_EQ(said(one(command{"GET", "k"})), "OK");
}

TEST_F(Redis_talk, A_link_that_ends_in_the_middle_leaves_the_call_unknown_and_sends_it_once) {
    options_.answer_time = 100ms;
    const auto silent = server([](const words&) { return "*2\r\n:1\r\n"; });
    connect("redis://" + silent->address());
    ASSERT_TRUE(becomes_ready());
    const auto got = call(one(command{"INCR", "k"}), 5s);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, call_error::unknown);
    EXPECT_TRUE(becomes_ready());
    EXPECT_EQ(times(*silent, "INCR"), 1);
}

TEST_F(Redis_talk, A_deadline_shorter_than_the_patience_of_the_link_spares_the_link) {
    const auto slow = server([](const words& w) { return w[0] == "GET" ? "" : "+later\r\n"; });
    connect("redis://" + slow->address());
    ASSERT_TRUE(becomes_ready());
    const auto got = call(one(command{"GET", "k"}), 30ms);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, call_error::unknown);
    slow->say("+too late\r\n");
    EXPECT_EQ(said(one(command{"SET", "k", "v"})), "later") << "the late reply went to nobody";
    EXPECT_EQ(slow->connections(), 1);
}

TEST_F(Redis_talk, Loading_is_waited_out) {
    int asked = 0;
    const auto loading = server([&](const words&) -> std::string {
        return ++asked < 3 ? "-LOADING Redis is loading the dataset in memory\r\n" : "+OK\r\n";
    });
    connect("redis://" + loading->address());
    EXPECT_EQ(said(one(command{"GET", "k"}), 20s), "OK");
    EXPECT_EQ(asked, 3);
}

TEST_F(Redis_talk, What_never_passes_is_given_up_at_the_deadline) {
    const auto down =
        server([](const words&) { return "-MASTERDOWN Link with MASTER is down\r\n"; });
    connect("redis://" + down->address());
    const auto got = call(one(command{"GET", "k"}), 1200ms);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, call_error::unavailable);
    EXPECT_TRUE(got.error().detail.starts_with("MASTERDOWN"));
    EXPECT_GE(times(*down, "GET"), 2);
    EXPECT_LE(times(*down, "GET"), 4) << "twice a second, not more";
}

TEST_F(Redis_talk, Asking_goes_before_each_command_and_only_once) {
    std::unique_ptr<scripted_server> first;
    const auto second = server(
        [](const words& w) -> std::string { return w[0] == "ASKING" ? "+OK\r\n" : "+second\r\n"; });
    first = server([&](const words& w) -> std::string {
        if (w[0] == "CLUSTER") return view(w, "127.0.0.1", first->port());
        return w[0] == "GET" ? "-ASK 0 " + second->address() + "\r\n" : "+first\r\n";
    });
    connect("redis+cluster://" + first->address());
    const auto got = call({command{"GET", "a"}, command{"GET", "b"}}, 5s);
    ASSERT_TRUE(got) << got.error().detail;
    ASSERT_EQ(got->size(), 2u);
    EXPECT_EQ((*got)[1].text, "second");
    EXPECT_EQ(second->told(),
              (std::vector<words>{{"ASKING"}, {"GET", "a"}, {"ASKING"}, {"GET", "b"}}));
    EXPECT_EQ(said(one(command{"SET", "k", "v"})), "first") << "the map is as before";
}

TEST_F(Redis_talk, Trying_again_has_an_end_after_asking_too) {
    std::unique_ptr<scripted_server> first;
    const auto second = server([](const words& w) -> std::string {
        return w[0] == "ASKING" ? "+OK\r\n" : "-TRYAGAIN Multiple keys request\r\n";
    });
    first = server([&](const words& w) -> std::string {
        if (w[0] == "CLUSTER") return view(w, "127.0.0.1", first->port());
        return "-ASK 0 " + second->address() + "\r\n";
    });
    connect("redis+cluster://" + first->address());
    ASSERT_TRUE(becomes_ready());
    const auto before = std::chrono::steady_clock::now();
    const auto got = call(one(command{"MGET", "a", "b"}), 20s);
    const auto took = std::chrono::steady_clock::now() - before;
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, call_error::unavailable);
    EXPECT_TRUE(got.error().detail.starts_with("TRYAGAIN"));
    EXPECT_GE(took, 2s);
    EXPECT_LT(took, 10s);
    EXPECT_GE(times(*second, "MGET"), 5);
}

TEST_F(Redis_talk, Moved_in_circles_ends_at_the_deadline) {
    std::unique_ptr<scripted_server> first;
    std::unique_ptr<scripted_server> second;
    second = server([&](const words& w) -> std::string {
        if (w[0] == "CLUSTER") return view(w, "127.0.0.1", first->port());
        return "-MOVED 0 " + first->address() + "\r\n";
    });
    first = server([&](const words& w) -> std::string {
        if (w[0] == "CLUSTER") return view(w, "127.0.0.1", first->port());
        return "-MOVED 0 " + second->address() + "\r\n";
    });
    connect("redis+cluster://" + first->address());
    ASSERT_TRUE(becomes_ready());
    const auto got = call(one(command{"GET", "k"}), 1s);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, call_error::unavailable);
    EXPECT_LT(first->told().size() + second->told().size(), 500u) << "no storm";
}

TEST_F(Redis_talk, Many_calls_that_moved_ask_for_the_map_once) {
    options_.watch_every = 20s;
    options_.fence_after = 60s;
    bool moved = false;
    std::unique_ptr<scripted_server> first;
    std::unique_ptr<scripted_server> second;
    const auto map_of = [&](const words& w) {
        return view(w, "127.0.0.1", moved ? second->port() : first->port());
    };
    second = server([&](const words& w) -> std::string {
        return w[0] == "CLUSTER" ? map_of(w) : "+second\r\n";
    });
    first = server([&](const words& w) -> std::string {
        if (w[0] == "CLUSTER") return map_of(w);
        return moved ? "-MOVED 0 " + second->address() + "\r\n" : "+first\r\n";
    });
    connect("redis+cluster://" + first->address());
    EXPECT_EQ(said(one(command{"GET", "k"})), "first");
    const auto asked_before = times(*first, "CLUSTER") + times(*second, "CLUSTER");
    moved = true;
    std::vector<pending> calls;
    for (int i = 0; i < 200; ++i) calls.push_back(begin(one(command{"GET", "k"})));
    for (const auto& each : calls) {
        const auto got = end(each);
        ASSERT_TRUE(got) << got.error().detail;
        EXPECT_EQ(got->front().text, "second");
    }
    const auto asked = times(*first, "CLUSTER") + times(*second, "CLUSTER") - asked_before;
    EXPECT_LE(asked, 12) << "a few rounds of two commands to two servers, not one a call";
}

// Asked about the primary it gives the test's answer; what it announces the test says.
class announcing_sentinel {
public:
    using answering = std::function<std::string(const words&)>;
    announcing_sentinel(boost::asio::io_context& io, answering answer)
        : server_(io, [this, answer = std::move(answer)](const words& w) -> std::string {
              if (w[0] == "SENTINEL") return answer(w);
              if (w[0] != "SUBSCRIBE") return "+PONG\r\n";
              channels_.insert(channels_.end(), w.begin() + 1, w.end());
              return "*3\r\n" + bulk("subscribe") + bulk(w[1]) + ":1\r\n";
          }) {}

    std::string url() const { return "redis+sentinel://" + server_.address() + "/tally"; }
    bool subscribed() const { return !channels_.empty(); }
    void announce(const std::string& channel, const std::string& text) {
        if (std::ranges::find(channels_, channel) == channels_.end()) return;  // nobody listens
        server_.say("*3\r\n" + bulk("message") + bulk(channel) + bulk(text));
    }

private:
    scripted_server server_;
    words channels_;
};

TEST_F(Redis_talk, An_announcement_of_a_sentinel_makes_all_be_asked_at_once) {
    options_.watch_every = 20s;  // the announcement is all there is
    options_.fence_after = 60s;
    const auto old_one = server([](const words&) { return "+old\r\n"; });
    const auto new_one = server([](const words&) { return "+new\r\n"; });
    bool switched = false;
    announcing_sentinel sentinel(io_, [&](const words&) -> std::string {
        const auto port = std::to_string((switched ? new_one : old_one)->port());
        return "*2\r\n" + bulk("127.0.0.1") + bulk(port);
    });
    connect(sentinel.url());
    EXPECT_EQ(said(one(command{"GET", "k"})), "old");
    ASSERT_TRUE(eventually([&] { return sentinel.subscribed(); }));
    switched = true;
    sentinel.announce("+switch-master", "tally 127.0.0.1 1 127.0.0.1 2");
    EXPECT_TRUE(eventually(
        [&] {
            const auto now = client_->primaries();
            return now.size() == 1 && now[0].address == new_one->address();
        },
        10s));
    EXPECT_EQ(said(one(command{"GET", "k"})), "new");
}

TEST_F(Redis_talk, While_a_primary_is_being_replaced_its_answers_do_not_count) {
    options_.watch_every = 20s;  // the announcements are all there is
    options_.fence_after = 60s;
    const auto old_one = server([](const words&) { return "+old\r\n"; });
    const auto new_one = server([](const words&) { return "+new\r\n"; });
    bool replacing = false;
    bool replaced = false;
    announcing_sentinel sentinel(io_, [&](const words& w) -> std::string {
        const auto old_port = bulk(std::to_string(old_one->port()));
        if (w[1] == "MASTER")  // the flag stays for a while
            return "*8\r\n" + bulk("ip") + bulk("127.0.0.1") + bulk("port") + old_port +
                   bulk("flags") + bulk(replacing ? "master,failover_in_progress" : "master") +
                   bulk("config-epoch") + bulk(replaced ? "2" : "1");
        const auto new_port = bulk(std::to_string(new_one->port()));
        return "*2\r\n" + bulk("127.0.0.1") + (replaced ? new_port : old_port);
    });
    connect(sentinel.url());
    EXPECT_EQ(said(one(command{"GET", "k"})), "old");
    ASSERT_TRUE(eventually([&] { return sentinel.subscribed(); }));
    sentinel.announce("+try-failover", "master another 127.0.0.1 1");
    sentinel.announce("+try-failover", "slave 127.0.0.1:2 127.0.0.1 2 @ tally 127.0.0.1 1");
    EXPECT_EQ(said(one(command{"GET", "k"})), "old");
    replacing = true;
    sentinel.announce("+try-failover", "master tally 127.0.0.1 1");
    ASSERT_TRUE(eventually([&] { return client_->fenced(); }, 5s)) << "long before the next look";
    EXPECT_FALSE(client_->ready());
    const auto held = begin(one(command{"GET", "k"}), 20s);
    const auto refused = call(one(command{"GET", "k"}), 300ms);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, call_error::unavailable);
    replaced = true;
    sentinel.announce("+switch-master", "tally 127.0.0.1 1 127.0.0.1 2");
    const auto got = end(held);
    ASSERT_TRUE(got) << got.error().detail;
    EXPECT_EQ(got->front().text, "new") << "held until the new one was known";
    EXPECT_FALSE(client_->fenced());
}

}  // namespace

}  // namespace tallycast::test
