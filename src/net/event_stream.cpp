#include <tallycast/app/see_event.hpp>
#include <tallycast/net/broadcast.hpp>
#include <tallycast/net/cors.hpp>
#include <tallycast/net/live_session.hpp>
#include <tallycast/wire/host_json.hpp>
#include <tallycast/wire/live_message.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>

namespace tallycast::net {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds comment_every{
    12};  // the contract promises one within 15 s of silence

// A live session over Server-Sent Events: everything of the event that its caller may see.
class event_stream final : public live_session {
public:
    event_stream(io_core& core, client_stream stream, const exchange& x, app::caller who)
        : live_session(core, std::move(stream), base::event_id{x.path[0]}, std::move(who)) {
        core_.app.meter.move(ports::gauge::sse_connections, 1);
    }
    ~event_stream() override { core_.app.meter.move(ports::gauge::sse_connections, -1); }

    // Apart from the constructor, because what does not fit into the socket waits in a shared
    // pointer.
    void begin(const exchange& x) {
        std::string head;
        response_head fields;
        fields.content_type = "text/event-stream; charset=utf-8";
        fields.request_id = x.request_id;
        fields.date = core_.date.at(core_.app.clock.wall());
        std::string extra = "X-Accel-Buffering: no\r\n";
        append_cors(x.req, x.settings.allowed_origins, extra);
        fields.extra = extra;
        append_stream_head(head, fields);
        send_own(head);
    }

    asio::awaitable<void> run() {
        welcome();
        announce_standing_notice();
        core_.live.watch_all(event_, *this);
        for (const auto& poll : visible_polls())
            if (co_await subscribe(poll, all_max_hz_) == app::subscribe_answer::full) break;
        pump();
        if (core_.draining) send_away(core_.settings.reconnect_spread);
        co_await until_closed();
        close_socket();
    }

    void leave(std::uint16_t, std::string_view) override { close_when_written(); }

    void tick(base::mono_time now) override {
        if (app::is_over(core_.app, who_)) return close_when_written();
        if (now - last_written_ >= comment_every) send_own(":\n\n");
    }

    void send_away(base::milliseconds come_back_within) override {
        send_own("retry: " + std::to_string(come_back_within.count()) + "\n\n");
        close_when_written();
    }

protected:
    std::string_view bytes_of(const app::broadcast& message) const override {
        return message.sse_event;
    }

private:
    void welcome() {
        const auto json = welcome_text();
        if (!json) return close_when_written();
        send_own("retry: 2000\n" + sse_event("welcome", 0, *json));
    }

    // A stream's client says nothing more; what comes is read and dropped until the connection
    // ends.
    asio::awaitable<void> until_closed() {
        boost::system::error_code ec;
        while (!ec) {
            co_await stream_.wait_readable(asio::redirect_error(asio::use_awaitable, ec));
            if (!ec) stream_.read_some(asio::buffer(core_.receive_buffer), ec);
            if (ec == asio::error::would_block) ec = {};
        }
    }
};

}  // namespace

void start_event_stream(io_core& core, client_stream stream, const exchange& x) {
    auto session = std::make_shared<event_stream>(
        core, std::move(stream), x, watching_caller(core, x.credential, base::event_id{x.path[0]}));
    session->begin(x);
    asio::co_spawn(
        core.io, session->run(), [session, &log = core.app.log](std::exception_ptr thrown) {
            try {
                if (thrown) std::rethrow_exception(thrown);
            } catch (const std::exception& e) {
                log.write(ports::severity::error, "an event stream failed", {{"why", e.what()}});
            }
        });
}

}  // namespace tallycast::net
