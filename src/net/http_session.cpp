#include <tallycast/net/http_session.hpp>

#include <tallycast/net/cors.hpp>
#include <tallycast/net/live_session.hpp>
#include <tallycast/net/voter_cookies.hpp>
#include <tallycast/wire/problem.hpp>
#include <tallycast/wire/traceparent.hpp>

#include "cookies.hpp"
#include "dispatch.hpp"
#include "routes.hpp"

#include <boost/asio/buffer.hpp>

#include <algorithm>
#include <charconv>

namespace tallycast::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

constexpr std::size_t read_step = 4096;
constexpr std::size_t unknown_path_body = 16 * 1024;  // read, so that the 404 can be told
constexpr std::size_t write_at = 64 * 1024;  // pipelined answers are written out from here on
constexpr std::size_t linger_bytes = 256 * 1024;
constexpr std::chrono::seconds linger_time{2};

bool is_request_id(std::string_view text) {
    return !text.empty() && text.size() <= 64 &&
           std::ranges::all_of(text, [](char c) { return c > 32 && c < 127; });
}

// For names that Beast has no number for.
std::string_view named_field(const request& req, std::string_view name) {
    for (std::size_t i = 0; i < req.field_count; ++i)
        if (req.fields[i].name.size() == name.size() &&
            boost::beast::iequals(req.fields[i].name, name))
            return req.fields[i].value;
    return {};
}

// A field that is there but is no bearer token is a credential nobody knows, not none.
std::string_view credential_of(const request& req) {
    constexpr std::string_view scheme = "bearer ";
    const auto field = req.header(http::field::authorization);
    if (field.empty()) return voter_cookie_in(req.header(http::field::cookie));
    const bool bearer = field.size() > scheme.size() &&
                        std::ranges::equal(field.substr(0, scheme.size()), scheme, {}, [](char c) {
                            return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
                        });
    return bearer ? field.substr(scheme.size()) : field;
}

std::size_t body_limit(const request& req) {
    const auto where = find_route(public_routes(), req.method, req.path);
    const auto* hit = std::get_if<match>(&where);
    if (hit == nullptr) return unknown_path_body;
    // Nobody's large body is kept: it would only be refused for want of a key.
    const bool keyless = req.header(http::field::authorization).empty() &&
                         cookie_value(req.header(http::field::cookie), host_cookie_name).empty();
    return keyless ? std::min(hit->found->body_limit, unknown_path_body) : hit->found->body_limit;
}

void append_chunk(std::string& out, std::string_view piece) {
    std::array<char, 16> size;
    const auto end = std::to_chars(size.data(), size.data() + size.size(), piece.size(), 16);
    out.append(size.data(), end.ptr).append("\r\n").append(piece).append("\r\n");
}

}  // namespace

http_session::http_session(io_core& core, client_stream stream, std::span<const route> routes)
    : core_(core),
      stream_(std::move(stream)),
      peer_(stream_.peer()),
      routes_(routes),
      parser_(body_limit) {
    core_.connections.push_back(*this);
    core_.count_connection(1);
    core_.app.meter.move(ports::gauge::http_connections, 1);
    draining_ = core_.draining;
}

http_session::~http_session() {
    core_.count_connection(-1);
    core_.app.meter.move(ports::gauge::http_connections, -1);
}

void http_session::expire() {
    core_.app.meter.add(ports::count::deadlines_missed);
    // What a reader has not taken would wait in the kernel for minutes.
    out_.empty() ? stream_.close() : stream_.reset();
}

void http_session::send_away(base::milliseconds) {
    draining_ = true;
    if (!mid_request_) stream_.close();
}

asio::awaitable<void> http_session::run() {
    if (stream_.encrypted() && !co_await shake_hands()) co_return;
    for (;;) {
        switch (parser_.resume(in_.bytes())) {
            case request_parser::progress::need_more: {
                if (parser_.wants_continue()) say_continue();
                if (!out_.empty() && !written_at_once() && !co_await flush()) co_return;
                // Who came while the node drains had not heard of it, and gets one answer.
                if (in_.empty() && draining_ && served_) co_return;
                arm_read_deadline();
                const auto room = room_to_read();
                boost::system::error_code ec;
                std::size_t got = 0;
                if (stream_.encrypted()) got = co_await stream_.read(room, ec);
                else got = co_await stream_.read_plain(room, ec);
                in_.received(got);
                if (ec) co_return;
                break;
            }
            case request_parser::progress::refused: co_await refuse(parser_.refusal()); co_return;
            case request_parser::progress::complete: {
                const auto then = co_await answer_request();
                if (then == next::close) co_await linger();
                if (then != next::go_on) co_return;
                break;
            }
        }
    }
}

// In the time that a header has.
asio::awaitable<bool> http_session::shake_hands() {
    set_deadline(core_.app.clock.mono() + core_.settings.header_timeout);
    const auto why = co_await stream_.shake_hands();
    if (why.empty()) co_return true;
    core_.app.meter.add(ports::count::tls_handshakes_failed);
    core_.app.log.write(ports::severity::debug, "a TLS handshake failed", {{"why", why}});
    co_return false;
}

void http_session::arm_read_deadline() {
    const auto now = core_.app.clock.mono();
    if (in_.empty()) {
        mid_request_ = false;
        set_deadline(now + (served_ ? core_.settings.idle_timeout : core_.settings.header_timeout));
        return;
    }
    // One deadline for the whole header, another for the whole body, however slowly the bytes drip.
    if (!std::exchange(mid_request_, true)) request_began_ = now;
    const auto time =
        core_.settings.header_timeout +
        (parser_.header_complete() ? core_.settings.body_timeout : base::milliseconds{0});
    set_deadline(request_began_ + time);
}

void http_session::say_continue() {
    append_continue(out_);
    parser_.continue_sent();
}

asio::mutable_buffer http_session::room_to_read() {
    const auto room = in_.room(std::max(read_step, std::min(parser_.bytes_needed(), write_at)));
    return asio::buffer(room.data(), room.size());
}

std::string http_session::request_id_of(const request& req) {
    const auto theirs = named_field(req, "X-Request-Id");
    return is_request_id(theirs) ? std::string(theirs) : core_.next_request_id();
}

asio::ip::address http_session::client_of(const request& req) const {
    if (core_.settings.trusted_proxies.empty()) return peer_;
    std::string path;  // each proxy may have added a field of its own
    for (std::size_t i = 0; i < req.field_count; ++i)
        if (boost::beast::iequals(req.fields[i].name, "X-Forwarded-For"))
            path.append(path.empty() ? "" : ",").append(req.fields[i].value);
    return client_address(peer_, path, core_.settings.trusted_proxies);
}

bool http_session::cookies_secure(const request& req) const {
    if (core_.settings.secure_cookies != cookie_policy::automatic)
        return core_.settings.secure_cookies == cookie_policy::always;
    if (stream_.encrypted()) return true;
    return any_contains(core_.settings.trusted_proxies, peer_) &&
           named_field(req, "X-Forwarded-Proto") == "https";
}

// The path without its query, which may hold a token; never the body, which may hold a ballot.
void http_session::note_request(const exchange& x, const response& answer, base::mono_time began) {
    const std::chrono::duration<double> took = core_.app.clock.mono() - began;
    if (x.from.trace != nullptr)
        core_.app.meter.observe(ports::timing::request, took.count(), *x.from.trace);
    else core_.app.meter.observe(ports::timing::request, took.count());
    if (!core_.app.log.enabled(ports::severity::debug)) return;
    const auto status = std::to_string(answer.status);
    const auto micros = std::to_string(static_cast<std::int64_t>(took.count() * 1e6));
    core_.app.log.write(ports::severity::debug, "request",
                        {{"request_id", x.request_id},
                         {"method", http::to_string(x.req.method)},
                         {"path", x.req.path},
                         {"status", status},
                         {"us", micros}});
}

std::optional<base::trace_context> http_session::trace_of(const request& req) const {
    if (core_.app.tracer == nullptr) return std::nullopt;
    return core_.app.tracer->begin(wire::read_traceparent(named_field(req, "traceparent")),
                                   any_contains(core_.settings.trusted_proxies, peer_));
}

void http_session::note_span(const exchange& x, response& answer, base::mono_time began) {
    if (x.from.trace == nullptr || !x.from.trace->sampled) return;
    const auto caller = wire::read_traceparent(named_field(x.req, "traceparent"));
    const auto method = http::to_string(x.req.method);
    core_.app.tracer->end({x.route,
                           *x.from.trace,
                           caller ? caller->span : base::span_id{},
                           began,
                           core_.app.clock.mono(),
                           {method.data(), method.size()},
                           static_cast<std::uint16_t>(answer.status)});
    answer.extra += "traceresponse: " + wire::write_traceparent(*x.from.trace) + "\r\n";
}

asio::awaitable<http_session::next> http_session::answer_request() {
    const request& req = parser_.current();
    core_.app.meter.add(ports::count::http_requests);
    mid_request_ = true;
    const auto began = core_.app.clock.mono();
    set_deadline(began + core_.settings.answer_timeout);

    const auto id = request_id_of(req);
    const auto trace = trace_of(req);
    exchange x{core_.app,
               core_.settings,
               core_.node,
               req,
               {&bucket_, limit_key(client_of(req)), trace ? &*trace : nullptr},
               id,
               credential_of(req),
               {},
               "unknown",
               cookies_secure(req),
               {}};
    response answer = co_await dispatch(x, routes_);
    note_request(x, answer, began);
    note_span(x, answer, began);

    if (answer.become != takeover::none) {
        if (!out_.empty() && !co_await flush())
            co_return next::close;  // pipelined answers before it
        become(x, answer.become);
        co_return next::taken_over;
    }
    const bool keep = req.keep_alive && !draining_;
    served_ = true;
    if (answer.source) {
        if (!co_await stream_body(x, answer, keep)) co_return next::close;
    } else {
        append(x, answer, keep);
    }
    in_.consume(parser_.consumed());
    parser_.reset();
    request_began_ = core_.app.clock.mono();
    if (!keep) {
        co_await flush();
        co_return next::close;
    }
    if (out_.size() >= write_at && !co_await flush()) co_return next::close;
    co_return next::go_on;
}

// A view of its arguments.
response_head http_session::head_of(const exchange& x, const response& answer,
                                    std::string_view extra, bool keep) {
    return {answer.status,
            answer.content_type,
            x.request_id,
            core_.date.at(core_.app.clock.wall()),
            answer.cache_control,
            answer.content_security_policy,
            extra,
            x.req.http_1_1,
            keep};
}

void http_session::append(const exchange& x, const response& answer, bool keep) {
    std::string extra = answer.extra;
    append_cors(x.req, x.settings.allowed_origins, extra);
    const auto head = head_of(x, answer, extra, keep);
    append_response(out_, head, answer.body, x.req.method == http::verb::head);
}

asio::awaitable<bool> http_session::stream_body(exchange& x, response& answer, bool keep) {
    // Without a length: chunked where the client can read it, to the end of the connection
    // otherwise.
    const bool chunked = x.req.http_1_1;
    std::string extra = answer.extra;
    append_cors(x.req, x.settings.allowed_origins, extra);
    const auto head = head_of(x, answer, extra, keep);
    chunked ? append_chunked_head(out_, head) : append_stream_head(out_, head);
    if (x.req.method == http::verb::head) co_return true;
    for (;;) {
        set_deadline(core_.app.clock.mono() + core_.settings.answer_timeout);
        const auto piece = co_await answer.source->next();
        if (!piece) break;
        if (piece->empty()) continue;
        chunked ? append_chunk(out_, *piece) : void(out_.append(*piece));
        if (!co_await flush()) co_return false;
    }
    if (chunked) out_ += "0\r\n\r\n";
    co_return chunked;
}

// Of a header that was refused itself nothing is believed, not even its request id.
asio::awaitable<void> http_session::refuse(const guard_verdict& verdict) {
    core_.app.meter.add(ports::count::http_refused_malformed);
    const request* req = parser_.header_readable() ? &parser_.current() : nullptr;
    const auto id = req != nullptr ? request_id_of(*req) : core_.next_request_id();
    const base::failure f{verdict.code, std::string(verdict.why)};
    const auto& known = wire::problem_of(verdict.code);
    const auto body = wire::write_problem(f, id, core_.app.clock.wall());
    std::string extra;
    if (req != nullptr) append_cors(*req, core_.settings.allowed_origins, extra);
    const response_head head{static_cast<unsigned>(known.status),
                             problem_type,
                             id,
                             core_.date.at(core_.app.clock.wall()),
                             "no-store",
                             "default-src 'none'; frame-ancestors 'none'",
                             extra,
                             true,
                             false};
    append_response(out_, head, body, req != nullptr && req->method == http::verb::head);
    if (co_await flush()) co_await linger();
}

// Answers nearly always fit into the socket, and then nobody has to wait. False: flush() is wanted.
bool http_session::written_at_once() {
    boost::system::error_code ec;
    const auto wrote = stream_.write_some(out_, ec);
    if (ec || wrote < out_.size()) {
        out_.erase(0, wrote);
        return false;
    }
    forget_written();
    return true;
}

void http_session::forget_written() {
    out_.clear();
    if (out_.capacity() > write_at) out_.shrink_to_fit();
}

asio::awaitable<bool> http_session::flush() {
    set_deadline(core_.app.clock.mono() + core_.settings.write_timeout);
    boost::system::error_code ec;
    co_await stream_.write(out_, ec);
    forget_written();
    co_return !ec;
}

// Closing on a client that still sends would reset the connection and take our answer with it; so
// we stop sending and read on for a little while.
asio::awaitable<void> http_session::linger() {
    boost::system::error_code ec;
    stream_.shutdown_send();
    set_deadline(core_.app.clock.mono() + linger_time);
    const auto waste = in_.room(read_step);
    for (std::size_t read = 0; !ec && read < linger_bytes;)
        read += co_await stream_.read(asio::buffer(waste.data(), waste.size()), ec);
}

void http_session::become(const exchange& x, takeover what) {
    no_deadline();
    std::string rest(in_.bytes().substr(parser_.consumed()));
    if (what == takeover::websocket) start_websocket(core_, std::move(stream_), x, std::move(rest));
    else start_event_stream(core_, std::move(stream_), x);
}

}  // namespace tallycast::net
