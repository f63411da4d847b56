// Writes that wait for replicas, and a primary that says of them what it likes.

#include "rig.hpp"

#include <support/scripted_server.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

namespace tallycast::test {

namespace {

using redis::command;
using redis::copies;
using redis::waiting;
using redis::written;
using words = scripted_server::words;

class Redis_write : public redis_rig {
protected:
    void SetUp() override {
        auto usual = scripted_server::primary([this](const words& w) -> std::string {
            return w[0] == "WAIT" ? ":" + std::to_string(acknowledging_) + "\r\n" : "+OK\r\n";
        });
        server_ = std::make_unique<scripted_server>(
            io_, [this, usual](const words& w) { return w[0] == "ROLE" ? role() : usual(w); });
        connect("redis://" + server_->address());
    }
    std::string role() const {
        const auto at = std::to_string(replica_at_);
        const auto replica = "*3\r\n$9\r\n127.0.0.1\r\n$4\r\n6380\r\n$" +
                             std::to_string(at.size()) + "\r\n" + at + "\r\n";
        return "*3\r\n$6\r\nmaster\r\n:200\r\n*" + (attached_ ? "1\r\n" + replica : "0\r\n");
    }
    written write(copies wanted, bool position = false) {
        auto ended = std::make_shared<std::optional<redis::call_result<written>>>();
        auto work = client_->write(0, one(command{"SET", "k", "v"}), 5s, wanted, position);
        boost::asio::co_spawn(io_, std::move(work), [ended](std::exception_ptr, auto got) {
            ended->emplace(std::move(got));
        });
        if (!eventually([&] { return ended->has_value(); })) throw std::runtime_error("no end");
        return ended->value().value();
    }
    long waits() const {
        return std::ranges::count_if(server_->told(),
                                     [](const words& said) { return said.front() == "WAIT"; });
    }

    std::unique_ptr<scripted_server> server_;
    bool attached_ = true;
    int acknowledging_ = 1;
    int replica_at_ = 100;
};

TEST_F(Redis_write, Says_where_in_the_history_it_stands) {
    const auto done = write({}, true);
    EXPECT_EQ(done.replid, "aa");
    EXPECT_EQ(done.offset, 200);
    EXPECT_EQ(done.got.size(), 1u) << "only the replies to what was asked";
    EXPECT_TRUE(write({}).replid.empty());
    EXPECT_EQ(waits(), 0);
}

TEST_F(Redis_write, Waits_for_who_keeps_up_and_no_longer_for_who_did_not) {
    EXPECT_TRUE(write({1}).kept);
    EXPECT_EQ(waits(), 1);
    acknowledging_ = 0;
    EXPECT_TRUE(write({1}).kept) << "it counts all the same";
    EXPECT_EQ(waits(), 2);
    EXPECT_TRUE(write({1}).kept);
    EXPECT_EQ(waits(), 2) << "but the next would wait in vain";
    EXPECT_TRUE(log_.says("no replica keeps up"));
    replica_at_ = 200;  // it has what it missed
    write({1});
    acknowledging_ = 1;
    write({1});
    EXPECT_EQ(waits(), 3);
    EXPECT_TRUE(log_.says("a replica keeps up again"));
}

TEST_F(Redis_write, Waits_for_who_is_attached_and_does_not_count_in_vain) {
    const copies wanted{1, waiting::for_who_is_there};
    acknowledging_ = 0;
    EXPECT_FALSE(write(wanted).kept);
    EXPECT_FALSE(write(wanted).kept) << "again and again";
    EXPECT_EQ(waits(), 2);
    attached_ = false;
    EXPECT_FALSE(write(wanted).kept) << "that nobody is attached any more is heard with this one";
    EXPECT_TRUE(write(wanted).kept);
    EXPECT_EQ(waits(), 3);
}

TEST_F(Redis_write, Never_counts_without_a_replica_where_one_is_always_needed) {
    const copies wanted{1, waiting::always};
    attached_ = false;
    acknowledging_ = 0;
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(write(wanted).kept);
    EXPECT_EQ(waits(), 3);
}

}  // namespace

}  // namespace tallycast::test
