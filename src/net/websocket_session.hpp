#pragma once
// A live session over WebSocket: reads one client's messages in order, at most one under way, and
// answers each. Between messages it holds neither a buffer nor a coroutine.

#include <tallycast/net/live_session.hpp>
#include <tallycast/wire/live_message.hpp>
#include <tallycast/wire/ws_frame.hpp>

#include <exception>
#include <memory>
#include <string>

namespace tallycast::net {

class websocket_session final : public live_session {
public:
    websocket_session(io_core& core, client_stream stream, const exchange& x, app::caller who);
    ~websocket_session() override;

    // Answers the upgrade, says welcome and listens from then on. `received`: bytes that came
    // behind the upgrade. Apart from the constructor, because all of this waits in a shared
    // pointer.
    void begin(const exchange& x, std::string received);

    void tick(base::mono_time now) override;
    void send_away(base::milliseconds come_back_within) override;
    void leave(std::uint16_t close_code, std::string_view reason) override {
        say_goodbye(close_code, reason);
    }

protected:
    std::string_view bytes_of(const app::broadcast& message) const override {
        return message.ws_frame;
    }

private:
    void listen();
    void receive();
    void digest(std::string bytes);
    void fail(const std::exception_ptr& thrown);
    std::shared_ptr<websocket_session> own() {
        return std::static_pointer_cast<websocket_session>(shared_from_this());
    }
    boost::asio::awaitable<void> take_in(std::string bytes);
    boost::asio::awaitable<void> answer(std::string text);
    boost::asio::awaitable<void> on_message(wire::auth_message& m);
    boost::asio::awaitable<void> on_message(wire::subscribe_message& m);
    boost::asio::awaitable<void> on_message(wire::unsubscribe_message& m);
    boost::asio::awaitable<void> on_message(wire::vote_message& m);
    boost::asio::awaitable<void> on_message(wire::ping_message& m);
    boost::asio::awaitable<void> subscribe_these(const std::vector<base::poll_id>& polls,
                                                 double max_hz);
    boost::asio::awaitable<void> subscribe_all(double max_hz);

    void welcome();
    void turn_away();
    void say(std::string_view json);
    void say_error(std::string_view id, const base::failure& f);
    void say_goodbye(std::uint16_t code, std::string_view reason);
    bool flooded(base::mono_time now);

    wire::ws_decoder decoder_;
    domain::token_bucket requests_;  // for the limits of requests, as on any connection
    domain::token_bucket messages_;
    domain::token_bucket patience_;  // for messages past the limit, each answered by an error
    std::uint64_t address_;
    base::mono_time last_heard_;
    base::mono_time last_ping_;
    bool goodbye_said_ = false;
};

}  // namespace tallycast::net
