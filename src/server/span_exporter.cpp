#include <tallycast/server/span_exporter.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <chrono>
#include <string_view>
#include <utility>

namespace tallycast::server {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::chrono::seconds between_groups{1};
constexpr std::chrono::seconds patience{2};
constexpr std::size_t group = 512;
constexpr std::size_t longest_head = 16 * 1024;

std::string request_text(const collector_address& to, const std::string& body) {
    return "POST " + to.path + " HTTP/1.1\r\nHost: " + to.host + ':' + to.port +
           "\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

collector_address collector_of(const std::string& url) {
    collector_address at{url.substr(std::string_view("http://").size()), "4318", "/v1/traces"};
    if (const auto slash = at.host.find('/'); slash != std::string::npos) {
        at.path = at.host.substr(slash);
        at.host.resize(slash);
    }
    const auto colon = at.host.rfind(':');
    const bool in_brackets =
        colon != std::string::npos && at.host.find(']', colon) != std::string::npos;
    if (colon != std::string::npos && !in_brackets) {
        at.port = at.host.substr(colon + 1);
        at.host.resize(colon);
    }
    if (at.host.starts_with('[') && at.host.ends_with(']'))
        at.host = at.host.substr(1, at.host.size() - 2);
    return at;
}

// One request under one deadline: whatever it waits for is cut when the time is over.
struct span_exporter::sending : std::enable_shared_from_this<sending> {
    explicit sending(asio::io_context& io) : resolver(io), socket(io), deadline(io, patience) {}

    void arm() {
        deadline.async_wait(
            [self = shared_from_this()](const boost::system::error_code& cancelled) {
                if (cancelled) return;
                boost::system::error_code ignored;
                self->resolver.cancel();
                self->socket.close(ignored);
            });
    }

    tcp::resolver resolver;
    tcp::socket socket;
    asio::steady_timer deadline;
    boost::system::error_code ec;
    std::string answer;

    // The first line of the answer, or nothing and `ec`.
    asio::awaitable<std::string> exchange(const collector_address& to, std::string request) {
        auto token = asio::redirect_error(asio::use_awaitable, ec);
        const auto found = co_await resolver.async_resolve(to.host, to.port, token);
        for (const auto& at : found) {
            co_await socket.async_connect(at.endpoint(), token);
            if (!ec || !deadline_ahead()) break;
            socket = tcp::socket(socket.get_executor());
        }
        if (ec) co_return std::string{};
        co_await asio::async_write(socket, asio::buffer(request), token);
        if (ec) co_return std::string{};
        co_await asio::async_read_until(socket, asio::dynamic_buffer(answer, longest_head), "\r\n",
                                        token);
        if (ec) co_return std::string{};
        co_return answer.substr(0, answer.find("\r\n"));
    }

    bool deadline_ahead() const { return deadline.expiry() > std::chrono::steady_clock::now(); }
};

span_exporter::span_exporter(asio::io_context& io, collector_address collector,
                             telemetry::span_queue& spans, const ports::clock& clock,
                             ports::meter& meter, ports::log& log)
    : io_(io),
      collector_(std::move(collector)),
      spans_(spans),
      clock_(clock),
      meter_(meter),
      log_(log),
      wait_(io) {}

void span_exporter::stop() {
    stopping_ = true;
    wait_.cancel();
}

asio::awaitable<void> span_exporter::run() {
    while (!stopping_) {
        boost::system::error_code ec;
        wait_.expires_after(between_groups);
        co_await wait_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        for (auto taken = spans_.take(group); !taken.empty(); taken = spans_.take(group)) {
            const bool more = taken.size() == group;
            auto work = send(std::move(taken));
            co_await std::move(work);
            if (!more || stopping_) break;
        }
    }
}

asio::awaitable<void> span_exporter::send(std::vector<ports::span> spans) {
    const auto count = spans.size();
    const auto one = std::make_shared<sending>(io_);
    one->arm();
    auto work = one->exchange(
        collector_,
        request_text(collector_, telemetry::otlp_json(spans, TALLYCAST_VERSION, clock_)));
    const auto said = co_await std::move(work);
    one->deadline.cancel();
    const bool taken = said.size() > 9 && said[9] == '2';  // "HTTP/1.1 200 OK"
    meter_.add(taken ? ports::count::spans_exported : ports::count::spans_dropped, count);
    if (!taken)
        log_.write(ports::severity::warn, "the collector takes no spans",
                   {{"why", one->ec ? one->ec.message() : said}});
}

}  // namespace tallycast::server
