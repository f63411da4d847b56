#pragma once
// Sends spans to a collector by OTLP/HTTP, in JSON, once a second and in groups. A collector that
// is slow, away or unwilling costs the spans, never a vote: it is waited for two seconds, and what
// does not fit into the queue meanwhile is dropped. Lives on one executor.

#include <tallycast/ports/clock.hpp>
#include <tallycast/ports/log.hpp>
#include <tallycast/ports/meter.hpp>
#include <tallycast/telemetry/span_queue.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <string>
#include <vector>

namespace tallycast::server {

// Where a collector listens: http://host[:port][/path]. Port 4318 and /v1/traces unless said.
struct collector_address {
    std::string host;
    std::string port;
    std::string path;
};
collector_address collector_of(const std::string& url);

class span_exporter {
public:
    span_exporter(boost::asio::io_context& io, collector_address collector,
                  telemetry::span_queue& spans, const ports::clock& clock, ports::meter& meter,
                  ports::log& log);

    // Until stop().
    boost::asio::awaitable<void> run();
    void stop();

private:
    struct sending;

    boost::asio::awaitable<void> send(std::vector<ports::span> spans);

    boost::asio::io_context& io_;
    const collector_address collector_;
    telemetry::span_queue& spans_;
    const ports::clock& clock_;
    ports::meter& meter_;
    ports::log& log_;
    boost::asio::steady_timer wait_;
    bool stopping_ = false;
};

}  // namespace tallycast::server
