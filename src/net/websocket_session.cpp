#include "websocket_session.hpp"

#include <tallycast/app/cast_vote.hpp>
#include <tallycast/app/crypto.hpp>
#include <tallycast/app/see_event.hpp>
#include <tallycast/wire/host_json.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/beast/http/field.hpp>

#include <exception>

namespace tallycast::net {

namespace asio = boost::asio;
namespace code = wire::ws_code;

namespace {

constexpr std::chrono::seconds ping_every{25};
constexpr std::chrono::seconds silence_limit{60};
const auto message_rate = domain::bucket_rate::of(20, 60);
const auto patience_rate = domain::bucket_rate::of(1, 60);

base::failure subscriptions_full() {
    base::failure f{base::errc::rate_limited, "Too many subscriptions on this connection."};
    f.limit = "subscriptions";
    f.retry_after = base::milliseconds{1000};
    return f;
}

base::failure no_such_polls(const std::vector<base::poll_id>& ids) {
    const auto others = ids.size() - 1;
    return {base::errc::poll_not_found,
            "There is no poll " + ids.front().str() +
                (others == 0 ? "." : ", nor " + std::to_string(others) + " more of those named.")};
}

void append_switch(std::string& out, const exchange& x) {
    std::string_view protocols;
    std::string_view key;
    for (std::size_t i = 0; i < x.req.field_count; ++i) {
        const auto& field = x.req.fields[i];
        if (field.id == boost::beast::http::field::sec_websocket_key) key = field.value;
        if (field.id == boost::beast::http::field::sec_websocket_protocol) protocols = field.value;
    }
    out.append(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
        "Upgrade\r\nSec-WebSocket-Accept: ");
    out.append(app::websocket_accept(key)).append("\r\n");
    if (!protocols.empty()) out.append("Sec-WebSocket-Protocol: tallycast.v1\r\n");
    out.append("X-Request-Id: ").append(x.request_id).append("\r\n\r\n");
}

}  // namespace

websocket_session::websocket_session(io_core& core, client_stream stream, const exchange& x,
                                     app::caller who)
    : live_session(core, std::move(stream), base::event_id{x.path[0]}, std::move(who)),
      address_(x.from.address),
      last_heard_(core.app.clock.mono()),
      last_ping_(last_heard_) {
    core_.app.meter.move(ports::gauge::websocket_connections, 1);
}

void websocket_session::begin(const exchange& x, std::string received) {
    std::string head;
    append_switch(head, x);
    send_own(head);
    // Said after the upgrade, because no browser shows its page the 503 that refused one.
    if (!core_.draining && !core_.app.admits(app::work::join)) {
        turn_away();
    } else {
        welcome();
        announce_standing_notice();
        if (core_.draining) send_away(core_.settings.reconnect_spread);
    }
    if (received.empty()) listen();
    else digest(std::move(received));
}

websocket_session::~websocket_session() {
    core_.app.meter.move(ports::gauge::websocket_connections, -1);
}

// Waits for the client without a buffer and without a coroutine: most of them never say a word
// more.
void websocket_session::listen() {
    stream_.wait_readable([self = own()](const boost::system::error_code& error) {
        if (error) self->close_socket();
        else self->receive();
    });
}

// Reads into the core's buffer, and keeps a copy of just what came.
void websocket_session::receive() {
    boost::system::error_code ec;
    auto& buffer = core_.receive_buffer;
    const auto got = stream_.read_some(asio::buffer(buffer), ec);
    if (ec == asio::error::would_block) return listen();
    if (ec) return close_socket();
    last_heard_ = core_.app.clock.mono();
    digest(std::string(buffer.data(), got));
}

// What comes meanwhile waits in the kernel.
void websocket_session::digest(std::string bytes) {
    asio::co_spawn(core_.io, take_in(std::move(bytes)), [self = own()](std::exception_ptr thrown) {
        if (thrown) self->fail(thrown);
        else if (self->stream_.is_open()) self->listen();
    });
}

void websocket_session::fail(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
        core_.app.log.write(ports::severity::error, "a live session failed", {{"why", e.what()}});
    }
    close_socket();
}

asio::awaitable<void> websocket_session::take_in(std::string bytes) {
    std::span<char> left{bytes};
    while (stream_.is_open() && !goodbye_said_) {
        const auto step = decoder_.next(left, core_.app.clock.mono());
        left = left.subspan(step.consumed);
        switch (step.event) {
            case wire::ws_event::none: co_return;
            case wire::ws_event::message:
                if (!step.text) say_goodbye(code::unsupported, "text only");
                else co_await answer(std::string(step.payload));
                break;
            case wire::ws_event::ping: {
                std::string pong;
                wire::append_pong(pong, step.payload);
                send_own(pong);
                break;
            }
            case wire::ws_event::pong: break;
            case wire::ws_event::close: say_goodbye(step.code, {}); break;
            case wire::ws_event::failure: say_goodbye(step.code, step.payload); break;
        }
    }
}

// True when the message is past its limit; it has been answered, or the session ended.
bool websocket_session::flooded(base::mono_time now) {
    if (!core_.settings.limits) return false;
    const auto taken = domain::take(messages_, message_rate, now);
    if (taken.allowed) return false;
    if (!domain::take(patience_, patience_rate, now).allowed) {
        say_goodbye(code::flood, "too many messages");
        return true;
    }
    base::failure f{base::errc::rate_limited, "Too many messages on this connection."};
    f.limit = "messages";
    f.retry_after = std::chrono::ceil<base::milliseconds>(taken.retry_after);
    say_error({}, f);
    return true;
}

asio::awaitable<void> websocket_session::answer(std::string text) {
    if (flooded(core_.app.clock.mono())) co_return;
    wire::client_message_reader reader;
    auto message = reader.read(text);
    if (!message) {
        say_error(reader.id(), message.error());
        co_return;
    }
    auto work = std::visit([this](auto& m) { return on_message(m); }, *message);
    co_await std::move(work);
}

asio::awaitable<void> websocket_session::on_message(wire::auth_message& m) {
    auto who = app::identify(core_.app, m.token);
    if (who) {
        const auto* voter = std::get_if<app::voter_caller>(&*who);
        const auto event = core_.app.catalog.event(event_);
        const bool fits =
            voter != nullptr ? voter->event == event_ : event && app::sees_as_host(*who, *event);
        if (!fits) who = base::failure{base::errc::wrong_event, "The token is for another event."};
    }
    if (!who) {
        say_error({}, who.error());
        say_goodbye(code::token, "token");
        co_return;
    }
    become_caller(std::move(*who));
    welcome();
    for (const auto& id : std::vector(subscribed_)) {
        if (const auto poll = core_.app.catalog.poll(id)) {
            const auto viewer = co_await viewer_of(poll);
            core_.live.hub.set_viewer(subscriber_, id, viewer);
            if (viewer == domain::viewer::voted) has_voted(id, poll->round);
        }
    }
    pump();
}

asio::awaitable<void> websocket_session::on_message(wire::subscribe_message& m) {
    if (m.all) co_await subscribe_all(m.max_hz);
    else co_await subscribe_these(m.polls, m.max_hz);
    pump();
}

asio::awaitable<void> websocket_session::subscribe_all(double max_hz) {
    all_max_hz_ = max_hz;
    core_.live.watch_all(event_, *this);
    for (const auto& poll : visible_polls())
        if (co_await subscribe(poll, max_hz) == app::subscribe_answer::full) break;
}

// Whatever is wrong with them is said once: a short message must not have a long answer.
asio::awaitable<void> websocket_session::subscribe_these(const std::vector<base::poll_id>& polls,
                                                         double max_hz) {
    std::vector<base::poll_id> unknown;
    for (const auto& id : polls) {
        const auto poll = core_.app.catalog.poll(id);
        const bool hidden = poll && poll->status == domain::poll_status::draft && !sees_as_host();
        if (!poll || poll->event != event_ || hidden) {
            unknown.push_back(id);
        } else if (co_await subscribe(poll, max_hz) == app::subscribe_answer::full) {
            say_error({}, subscriptions_full());
            break;
        }
    }
    if (!unknown.empty()) say_error({}, no_such_polls(unknown));
}

asio::awaitable<void> websocket_session::on_message(wire::unsubscribe_message& m) {
    if (m.all) {
        core_.live.stop_watching_all(event_, *this);
        for (const auto& id : std::vector(subscribed_)) unsubscribe(id);
    }
    for (const auto& id : m.polls) unsubscribe(id);
    co_return;
}

asio::awaitable<void> websocket_session::on_message(wire::vote_message& m) {
    app::limit_answer limited;
    const auto receipt = co_await app::cast_vote(core_.app, who_, {&requests_, address_}, m.poll,
                                                 m.form, m.id, limited);
    if (!receipt) {
        say_error(m.id, receipt.error());
        co_return;
    }
    say(wire::write_ack(m.id, receipt->status, receipt->receipt, receipt->poll, receipt->round,
                        receipt->at));
    // Of a replay cast_vote() says whether the ballot stands.
    if (receipt->status != "replayed") has_voted(m.poll, receipt->round);
    pump();
}

asio::awaitable<void> websocket_session::on_message(wire::ping_message& m) {
    say(wire::write_pong(m.id, core_.app.clock.wall()));
    co_return;
}

void websocket_session::welcome() {
    const auto json = welcome_text();
    if (!json) return say_goodbye(code::tallycast_protocol, "the event is gone");
    say(*json);
}

void websocket_session::say(std::string_view json) {
    std::string frame;
    wire::append_frame(frame, wire::ws_opcode::text, json);
    send_own(frame);
}

void websocket_session::say_error(std::string_view id, const base::failure& f) {
    say(wire::write_live_error(id, f));
}

void websocket_session::say_goodbye(std::uint16_t why, std::string_view reason) {
    if (std::exchange(goodbye_said_, true)) return;
    std::string frame;
    wire::append_close(frame, why, reason);
    send_own(frame);
    close_when_written();
}

void websocket_session::tick(base::mono_time now) {
    if (goodbye_said_) return;
    if (decoder_.deadline() <= now) {
        const auto step = decoder_.next({}, now);
        return say_goodbye(step.code, step.payload);
    }
    if (app::is_over(core_.app, who_)) return say_goodbye(code::token, "the credential is over");
    if (now - last_heard_ >= silence_limit) return close_socket();
    if (now - last_heard_ < ping_every || now - last_ping_ < ping_every) return;
    last_ping_ = now;
    std::string ping;
    wire::append_frame(ping, wire::ws_opcode::ping, {});
    send_own(ping);
}

void websocket_session::turn_away() {
    const auto later = core_.app.admission.retry_after().count();
    say_goodbye(code::try_again_later, "{\"retry_after_ms\":" + std::to_string(later) + "}");
}

void websocket_session::send_away(base::milliseconds come_back_within) {
    say_goodbye(code::service_restart,
                "{\"reconnect_ms\":" + std::to_string(come_back_within.count()) + "}");
}

void start_websocket(io_core& core, client_stream stream, const exchange& x, std::string rest) {
    const auto session = std::make_shared<websocket_session>(
        core, std::move(stream), x, watching_caller(core, x.credential, base::event_id{x.path[0]}));
    session->begin(x, std::move(rest));
}

}  // namespace tallycast::net
