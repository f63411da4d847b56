// What a node leases from a server that is silent for a while.

#include "rig.hpp"

#include <redis/token_desk.hpp>

#include <support/scripted_server.hpp>

#include <algorithm>
#include <memory>

namespace tallycast::test {

namespace {

class Token_desk : public redis_rig {
protected:
    using leased = base::result<ports::token_loan>;

    // A server that gives no answer to so many leases, and grants 3 tokens to each later one.
    void connect_to_one_silent_for(int leases) {
        options_.answer_time = 100ms;
        server_ = std::make_unique<scripted_server>(
            io_, scripted_server::primary([left = leases](const auto& said) mutable -> std::string {
                if (said.front() != "FCALL") return "+OK\r\n";
                return left-- > 0 ? "" : "*2\r\n:3\r\n:0\r\n";
            }));
        connect("redis://" + server_->address());
        ASSERT_TRUE(becomes_ready());
        desk_.emplace(*client_);
    }

    leased lease() {
        std::optional<leased> ended;
        auto work = desk_->lease(base::tenant_id("one"), 5, domain::bucket_rate::of(10, 50));
        boost::asio::co_spawn(io_, std::move(work), [&](std::exception_ptr thrown, leased got) {
            if (thrown) std::rethrow_exception(thrown);
            ended.emplace(std::move(got));
        });
        if (!eventually([&] { return ended.has_value(); })) throw std::runtime_error("no end");
        return std::move(*ended);
    }

    long times_asked() const {
        return std::ranges::count(server_->told(), "FCALL",
                                  [](const auto& said) { return said.front(); });
    }

    std::unique_ptr<scripted_server> server_;
    std::optional<redis::token_desk> desk_;
};

TEST_F(Token_desk, Asks_again_where_the_link_was_lost_before_the_answer) {
    connect_to_one_silent_for(1);
    const auto got = lease();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->granted, 3u);
    EXPECT_EQ(times_asked(), 2);
}

TEST_F(Token_desk, Gives_up_a_server_that_is_silent_for_two_seconds) {
    connect_to_one_silent_for(1000);
    const auto began = std::chrono::steady_clock::now();
    const auto got = lease();
    const auto took = std::chrono::steady_clock::now() - began;
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, base::errc::store_unavailable);
    EXPECT_GE(took, 1900ms);
    EXPECT_LE(times_asked(), 20) << "no more than links are lost";
}

}  // namespace

}  // namespace tallycast::test
