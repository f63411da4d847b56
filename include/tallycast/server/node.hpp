#pragma once
// Where the objects meet: one store, one core a thread, the listeners, and the order in which they
// start and stop. The order of stopping, in one place:
//
//   1  not ready           /readyz answers 503; the load balancer looks elsewhere
//   2  no new connections  the public listeners close
//   3  connections go      HTTP ends with its answer, sockets are told 1012 with a spread
//   4  the store stops     what is queued is decided, written and answered
//   5  the threads end
//
// A second signal skips the waiting of stage 3. Everything runs on the thread of run() but the
// cores.

#include <tallycast/config/settings.hpp>
#include <tallycast/net/io_core.hpp>
#include <tallycast/net/listener.hpp>
#include <tallycast/server/change_relay.hpp>
#include <tallycast/server/evening_out.hpp>
#include <tallycast/server/readiness.hpp>
#include <tallycast/server/running_store.hpp>
#include <tallycast/server/span_exporter.hpp>
#include <tallycast/telemetry/log.hpp>
#include <tallycast/telemetry/metrics.hpp>
#include <tallycast/telemetry/system_clock.hpp>

#include <boost/asio/signal_set.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace tallycast::server {

inline constexpr std::string_view version = TALLYCAST_VERSION;

class node {
public:
    // What SIGHUP does: the new settings, or nothing when they are bad (and has said so).
    using reloader = std::function<std::optional<config::settings>(ports::log&)>;

    node(config::settings settings, reloader reload);
    ~node();

    // Opens the store, makes what a first start makes, listens. Fails with one sentence for the
    // operator.
    base::result<void> start();

    // Serves until a signal ends it; the process's exit code.
    int run();

private:
    struct first_keys;

    base::result<void> open_store();
    std::unique_ptr<net::io_core> make_core(const app::core_settings& settings,
                                            const net::net_settings& net);
    base::result<void> prepare_cores(const std::string& secret);
    base::result<void> prepare_tenant(const std::string& secret);
    void listen();
    void apply(const config::settings& fresh);
    readiness readiness_now() const;
    std::string metrics_page(net::metrics_form form);
    void note_certificate(const net::tls_context_ptr& tls);
    void note_flag(const domain::flag& flag, bool just_now, double own_share);
    void prepare_traces();
    void prepare_evening_out();
    void begin_drain();
    void rebalance(double share);
    boost::asio::awaitable<void> supervise();
    boost::asio::awaitable<void> wait_until_empty();
    boost::asio::awaitable<void> drained();
    void stop_all();
    template <class T>
    base::result<T> settle(boost::asio::awaitable<base::result<T>> work);

    config::settings settings_;
    reloader reload_;
    telemetry::system_clock clock_;
    telemetry::spdlog_log log_;
    telemetry::metrics metrics_;
    std::unique_ptr<telemetry::span_queue> spans_;  // null: nobody traces
    change_relay relay_;
    std::vector<std::unique_ptr<net::io_core>> cores_;
    std::unique_ptr<net::io_core> operations_;  // on the thread of run()
    std::unique_ptr<span_exporter> exporter_;   // on the same; where there are spans
    std::unique_ptr<running_store> store_;  // after the cores: it may have links on their executors
    std::unique_ptr<evening_out> evening_;  // on operations_; null: nobody to share people with
    std::vector<std::unique_ptr<net::listener>> listeners_;
    std::unique_ptr<net::listener> operations_listener_;
    std::unique_ptr<boost::asio::signal_set> signals_;  // from before "ready" until the end
    std::vector<std::thread> threads_;
    std::atomic<bool> draining_{false};
    bool hurry_ = false;
};

}  // namespace tallycast::server
