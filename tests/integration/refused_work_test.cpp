// A core that serves over real sockets: what it refuses costs the store nothing, and a client that
// comes when it is too busy is told so in a way a browser can read.

#include <support/forwarding_votes.hpp>
#include <support/store_fixture.hpp>

#include <tallycast/embedded/store.hpp>
#include <tallycast/net/listener.hpp>
#include <tallycast/net/router.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

namespace tallycast::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// Counts what is asked of a store of votes, and asks it.
class counted_votes final : public forwarding_votes {
public:
    using forwarding_votes::forwarding_votes;

    asio::awaitable<base::result<std::vector<domain::decision>>> cast(
        ports::vote_group group) override {
        ++casts;
        return forwarding_votes::cast(std::move(group));
    }
    asio::awaitable<base::result<ports::kept_ballot>> ballot_of(base::poll_id poll,
                                                                base::voter_number voter) override {
        ++reads;
        return forwarding_votes::ballot_of(std::move(poll), voter);
    }
    asio::awaitable<base::result<domain::results>> results(base::poll_id poll,
                                                           std::uint32_t round) override {
        ++reads;
        return forwarding_votes::results(std::move(poll), round);
    }
    asio::awaitable<base::result<domain::ledger>> ledger(base::poll_id poll,
                                                         std::uint32_t round) override {
        ++reads;
        return forwarding_votes::ledger(std::move(poll), round);
    }
    asio::awaitable<base::result<ports::ballot_page>> ballots(base::poll_id poll,
                                                              std::uint32_t round,
                                                              base::voter_number after,
                                                              std::size_t limit) override {
        ++reads;
        return forwarding_votes::ballots(std::move(poll), round, after, limit);
    }

    int casts = 0;
    int reads = 0;
};

class onto_core final : public ports::change_listener {
public:
    explicit onto_core(net::io_core& core) : core_(core) {}
    void on_change(const ports::change& what) override {
        asio::post(core_.io, [this, what] { core_.app.catalog.apply(what); });
    }

private:
    net::io_core& core_;
};

// Everything runs on the test's own thread, and without the core's tick: pressure stays as set.
class Refused_work : public ::testing::Test {
protected:
    void SetUp() override {
        auto opened = embedded::store::open({.data_dir = ":memory:"}, clock_, meter_, log_);
        ASSERT_TRUE(opened);
        store_ = std::move(*opened);
        votes_ = std::make_unique<counted_votes>(*store_);
        app::core_settings settings;
        settings.token_keys = {{"k", std::string(32, 'k')}};
        settings.receipt_key = "receipts";
        settings.limits.voter = domain::bucket_rate::of(1, 1);
        core_ = std::make_unique<net::io_core>(
            std::make_unique<asio::io_context>(1), settings, net::net_settings{},
            app::outside_world{*votes_, *store_, clock_, meter_, log_});
        feed_ = std::make_unique<onto_core>(*core_);
        store_->start(*feed_);
        define();
        listener_ = std::make_unique<net::listener>(
            *core_, tcp::endpoint(asio::ip::address_v4::loopback(), 0), net::public_routes());
        asio::co_spawn(core_->io, listener_->run(), rethrow);
    }

    void TearDown() override {
        listener_->close();
        store_->stop();
        core_->io.poll();
    }

    void define() {
        ASSERT_TRUE(answer_of(store_->add_tenant(a_tenant())));
        ASSERT_TRUE(answer_of(store_->add_event(an_event())));
        ASSERT_TRUE(answer_of(store_->add_event(an_event("other", "ACDFGJ"))));
        ASSERT_TRUE(answer_of(store_->add_poll(a_poll())));
        ASSERT_TRUE(answer_of(store_->add_poll(a_poll("draft"))));
        ASSERT_TRUE(
            answer_of(store_->move_poll(base::poll_id{"poll"}, domain::transition::open, {})));
        run_until([&] {
            const auto poll = core_->app.catalog.poll(base::poll_id{"poll"});
            return poll && poll->status == domain::poll_status::open;
        });
    }

    static void rethrow(std::exception_ptr thrown) {
        if (thrown) std::rethrow_exception(thrown);
    }

    void run_until(const std::function<bool()>& done) {
        core_->io.restart();
        const auto guard = asio::make_work_guard(core_->io);
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (!done() && std::chrono::steady_clock::now() < deadline)
            core_->io.run_one_for(std::chrono::milliseconds(5));
        ASSERT_TRUE(done());
    }

    // All that comes back up to the end of the connection.
    std::string exchange(const std::string& request) {
        asio::io_context outside;
        tcp::socket socket(outside);
        socket.connect(listener_->local_endpoint());
        asio::write(socket, asio::buffer(request));
        socket.non_blocking(true);
        std::string answer;
        run_until([&] {
            std::array<char, 4096> piece;
            boost::system::error_code ec;
            answer.append(piece.data(), socket.read_some(asio::buffer(piece), ec));
            return ec && ec != asio::error::would_block;
        });
        return answer;
    }

    std::string token(std::uint64_t voter, const std::string& event = "event",
                      std::chrono::seconds life = std::chrono::hours(1)) {
        const auto now = std::chrono::floor<std::chrono::seconds>(clock_.wall());
        return core_->app.tokens.sign({app::token_kind::voter, base::event_id{event},
                                       base::voter_number{voter}, now, now + life});
    }

    struct sent_vote {
        std::string token;
        std::string body = R"({"choices":["a"]})";
        std::string poll = "poll";
        std::string fields = "Content-Type: application/json\r\n";
    };

    std::string cast(const sent_vote& vote) {
        const auto credential =
            vote.token.empty() ? "" : "Authorization: Bearer " + vote.token + "\r\n";
        return exchange("POST /v1/polls/" + vote.poll +
                        "/votes HTTP/1.1\r\nHost: node\r\nConnection: close\r\n" + credential +
                        vote.fields + "Content-Length: " + std::to_string(vote.body.size()) +
                        "\r\n\r\n" + vote.body);
    }

    void refuses(const sent_vote& vote, std::string_view status, std::string_view code) {
        const auto answer = cast(vote);
        EXPECT_THAT(answer, StartsWith("HTTP/1.1 " + std::string(status)));
        EXPECT_THAT(answer, HasSubstr("\"code\":\"" + std::string(code) + '"'));
        EXPECT_EQ(votes_->casts, 0) << code;
        EXPECT_EQ(votes_->reads, 0) << code;
    }

    // The queue of votes, of a hundred.
    void set_waiting(std::size_t votes) { core_->app.admission.note_queue(votes, 100); }

    std::string come_to_watch() {
        return exchange(
            "GET /v1/events/event/live HTTP/1.1\r\nHost: node\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            // A masked close of code 1000, for whoever is let in.
            + std::string("\x88\x82\0\0\0\0\x03\xe8", 8));
    }

    fake_clock clock_;
    counting_meter meter_;
    quiet_log log_;
    std::unique_ptr<embedded::store> store_;
    std::unique_ptr<counted_votes> votes_;
    std::unique_ptr<net::io_core> core_;
    std::unique_ptr<onto_core> feed_;
    std::unique_ptr<net::listener> listener_;
};

TEST_F(Refused_work, Good_vote_is_one_call_of_the_store) {
    EXPECT_THAT(cast({token(1)}), HasSubstr("\"status\":\"counted\""));
    EXPECT_EQ(votes_->casts, 1);
}

TEST_F(Refused_work, Votes_without_a_good_token_cost_the_store_nothing) {
    auto forged = token(1);
    forged.back() = forged.back() == 'A' ? 'B' : 'A';
    const auto expired = token(1, "event", std::chrono::seconds(1));
    clock_.advance(std::chrono::seconds(2));
    refuses({}, "401", "voter_token_required");
    refuses({forged}, "401", "voter_token_invalid");
    refuses({expired}, "401", "voter_token_expired");
    refuses({token(1, "other")}, "403", "wrong_event");
}

TEST_F(Refused_work, Votes_that_cannot_be_read_or_used_cost_the_store_nothing) {
    refuses({token(1), R"({"choices":["a")"}, "400", "malformed_json");
    refuses({token(2), R"({"choices":["a"],"colour":1})"}, "400", "unknown_field");
    refuses({token(3), R"({"choices":"a"})"}, "400", "invalid_request");
    refuses({token(4), R"({"choices":["z"]})"}, "422", "invalid_ballot");
    refuses({token(5), R"({"choices":["a","b"]})"}, "422", "invalid_ballot");
    refuses({.token = token(6), .fields = "Content-Type: text/plain\r\n"}, "415",
            "unsupported_media_type");
    refuses({.token = token(7), .body = std::string(17 * 1024, ' ')}, "413", "body_too_large");
}

TEST_F(Refused_work, Votes_in_polls_that_nobody_sees_cost_the_store_nothing) {
    refuses({.token = token(1), .poll = "unknown"}, "404", "poll_not_found");
    refuses({.token = token(1), .poll = "draft"}, "404", "poll_not_found");
}

TEST_F(Refused_work, Votes_past_a_limit_or_in_a_rush_cost_the_store_nothing) {
    refuses({token(1), "{}"}, "400", "invalid_request");  // and takes the voter's one turn
    refuses({token(1)}, "429", "rate_limited");
    set_waiting(100);
    refuses({token(2)}, "503", "overloaded");
    set_waiting(99);
    EXPECT_THAT(cast({token(2)}), StartsWith("HTTP/1.1 200"));
}

TEST_F(Refused_work, Too_busy_for_joins_closes_a_new_websocket_with_1013_and_when_to_come_back) {
    set_waiting(90);
    const auto answer = come_to_watch();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 101"));
    EXPECT_THAT(answer, HasSubstr("\x03\xf5{\"retry_after_ms\":900}"));
    EXPECT_THAT(answer, Not(HasSubstr("welcome")));
    EXPECT_EQ(meter_.of(ports::count::shed_joins), 1u);
}

TEST_F(Refused_work, Websocket_is_let_in_as_soon_as_joins_are) {
    set_waiting(80);
    EXPECT_THAT(come_to_watch(), HasSubstr("\"type\":\"welcome\""));
}

// Who comes back from a draining node goes to another, which may have room.
TEST_F(Refused_work, Draining_goes_before_busy) {
    set_waiting(100);
    core_->draining = true;
    EXPECT_THAT(come_to_watch(), HasSubstr("\x03\xf4{\"reconnect_ms\":"));
}

}  // namespace
}  // namespace tallycast::test
