#include <tallycast/server/node.hpp>

#include <tallycast/app/manage.hpp>
#include <tallycast/server/demo.hpp>
#include <tallycast/server/settings_for.hpp>
#include <tallycast/server/welcome.hpp>
#include <tallycast/wire/time.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <csignal>
#include <exception>
#include <utility>

namespace tallycast::server {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds look_again{20};
constexpr std::chrono::seconds longest_silence{2};  // of a core's tick

constexpr ports::count flag_change_count_of(domain::flag_id which) {
    return static_cast<ports::count>(static_cast<int>(ports::count::flag_changes_results_rate) +
                                     static_cast<int>(which));
}
static_assert(flag_change_count_of(domain::flag_id::maintenance_notice) ==
                  ports::count::flag_changes_maintenance_notice,
              "both lists have one order");

void rethrow(std::exception_ptr thrown) {
    if (thrown) std::rethrow_exception(thrown);
}

double seconds_of(base::wall_time at) {
    return std::chrono::duration<double>(at.time_since_epoch()).count();
}

asio::awaitable<std::size_t> watching(net::io_core& core, base::event_id event) {
    co_return core.live.watching(event);
}

// Each core counts on its own thread.
asio::awaitable<std::size_t> count_live(std::vector<net::io_core*> cores, base::event_id event) {
    std::size_t all = 0;
    for (auto* core : cores) {
        auto work = asio::co_spawn(core->io, watching(*core, event), asio::use_awaitable);
        all += co_await std::move(work);
    }
    co_return all;
}

// Our listeners share their port (SO_REUSEPORT), so the kernel would let a second node share it
// too, and half of the clients would meet the wrong one. A socket that does not share finds out.
base::result<void> must_be_free(const asio::ip::tcp::endpoint& at) {
    asio::io_context io;
    asio::ip::tcp::acceptor probe(io, at.protocol());
    probe.set_option(asio::socket_base::reuse_address(true));
    boost::system::error_code ec;
    probe.bind(at, ec);
    if (!ec) return {};
    return base::failure{base::errc::internal, "cannot listen on " + at.address().to_string() +
                                                   " port " + std::to_string(at.port()) + ": " +
                                                   ec.message() + "."};
}

asio::awaitable<std::optional<base::voter_number>> spare_number(app::core& of,
                                                                base::event_id event) {
    co_return of.numbers.spare(event);
}

asio::awaitable<std::optional<base::voter_number>> number_of_another(
    std::vector<net::io_core*> cores, net::io_core* asking, base::event_id event) {
    for (auto* other : cores) {
        if (other == asking) continue;
        auto work = spare_number(other->app, event);
        const auto number =
            co_await asio::co_spawn(other->io, std::move(work), asio::use_awaitable);
        if (number) co_return number;
    }
    co_return std::nullopt;
}

}  // namespace

node::node(config::settings settings, reloader reload)
    : settings_(std::move(settings)),
      reload_(std::move(reload)),
      log_(log_format_of(settings_), severity_of(settings_), clock_),
      metrics_(version) {}

node::~node() { stop_all(); }

base::result<void> node::start() {
    if (auto opened = open_store(); !opened) return opened;
    // The store's secret is asked through a core, and cores are made with what is derived from it;
    // so this first one only asks.
    asio::io_context asking;
    auto secret = asio::co_spawn(asking, store_->polls().secret(), asio::use_future);
    asking.run();
    const auto known = secret.get();
    if (!known) return known.error();
    if (auto prepared = prepare_cores(*known); !prepared) return prepared;
    for (const auto& at : {settings_.listen, settings_.ops_listen})
        if (auto is_free = must_be_free(endpoint_of(at)); !is_free) return is_free;
    try {
        listen();
    } catch (const boost::system::system_error& e) {
        return base::failure{base::errc::internal, "cannot listen: " + std::string(e.what())};
    }
    return prepare_tenant(*known);
}

base::result<void> node::open_store() {
    auto opened = running_store::open(settings_, clock_, metrics_, log_);
    if (!opened) return opened.error();
    store_ = std::move(*opened);
    return store_->start(relay_);
}

std::unique_ptr<net::io_core> node::make_core(const app::core_settings& settings,
                                              const net::net_settings& net) {
    auto io = std::make_unique<asio::io_context>(1);
    const app::outside_world world{store_->votes_on(io->get_executor()), store_->polls(),
                                   store_->clock(), metrics_, log_};
    return std::make_unique<net::io_core>(std::move(io), settings, net, world);
}

base::result<void> node::prepare_cores(const std::string& secret) {
    const auto count = config::thread_count(settings_, std::thread::hardware_concurrency());
    auto core_settings = core_settings_of(settings_, secret);
    core_settings.tenants = app::tenant_quotas(core_settings.limits, store_->lender());
    const auto net_settings = net_settings_of(settings_, count);
    if (!net_settings) return net_settings.error();
    const auto make = [&] { return make_core(core_settings, *net_settings); };
    std::vector<net::io_core*> all;
    for (std::uint32_t i = 0; i < count; ++i) all.push_back(cores_.emplace_back(make()).get());
    operations_ = make();
    operations_->settings.allowed_origins.clear();  // no page has anything to read there
    operations_->settings.tls.reset();              // and it is plain
    note_certificate(net_settings->tls);
    operations_->node = {[this] { return readiness_now().not_because(); },
                         [this] { return readiness_now().report(); },
                         [this](net::metrics_form form) { return metrics_page(form); },
                         [this] { begin_drain(); },
                         [this](double share) { rebalance(share); },
                         {}};
    for (auto* core : all) {
        core->node.live_connections = [all](base::event_id event) {
            return count_live(all, std::move(event));
        };
        // Each core settles on its own thread; the one that asks waits for all.
        core->app.settle_refusals = [all]() -> asio::awaitable<void> {
            for (auto* other : all)
                co_await asio::co_spawn(other->io, app::settle_own_refusals(other->app),
                                        asio::use_awaitable);
        };
        core->app.numbers.ask_others = [all, core](base::event_id event) {
            return number_of_another(all, core, std::move(event));
        };
        core->share_news = [all](std::vector<app::voter_news> news) {
            const auto shared =
                std::make_shared<const std::vector<app::voter_news>>(std::move(news));
            for (auto* other : all)
                asio::post(other->io, [other, shared] { other->live.tell(*shared); });
        };
    }
    prepare_traces();
    prepare_evening_out();
    const auto own_share = settings_.trace_share;
    relay_.attach(all, *operations_, [this, own_share](const domain::flag& flag, bool just_now) {
        note_flag(flag, just_now, own_share);
    });
    return {};
}

// Said at every start and reload: until when it is good, or that it is not.
void node::note_certificate(const net::tls_context_ptr& tls) {
    metrics_.set(ports::level::certificate_end, tls ? seconds_of(tls->valid_until()) : 0);
    if (!tls) return;
    const auto now = clock_.wall();
    const auto until = wire::rfc3339(tls->valid_until());
    if (now >= tls->valid_until())
        log_.write(ports::severity::warn, "the certificate has expired", {{"valid_until", until}});
    else if (now < tls->valid_from())
        log_.write(ports::severity::warn, "the certificate is not valid yet",
                   {{"valid_from", wire::rfc3339(tls->valid_from())}});
    else log_.write(ports::severity::info, "certificate", {{"valid_until", until}});
}

// On the store's thread.
void node::note_flag(const domain::flag& flag, bool just_now, double own_share) {
    const auto name = domain::kind_of(flag.which).name;
    log_.write(ports::severity::info, just_now ? "a flag changed" : "a flag is set",
               {{"flag", name}, {"value", flag.value ? domain::text_of(*flag.value) : "default"}});
    if (just_now) metrics_.add(flag_change_count_of(flag.which));
    if (spans_ && flag.which == domain::flag_id::trace_share)
        spans_->set_share(flag.value ? std::get<double>(*flag.value) : own_share);
}

void node::prepare_traces() {
    if (settings_.otlp_endpoint.empty()) return;
    spans_ = std::make_unique<telemetry::span_queue>(settings_.trace_share, metrics_);
    for (auto& core : cores_) core->app.tracer = spans_.get();
    exporter_ = std::make_unique<span_exporter>(
        operations_->io, collector_of(settings_.otlp_endpoint), *spans_, clock_, metrics_, log_);
}

void node::prepare_evening_out() {
    auto* roll = store_->roll();
    if (roll == nullptr || !settings_.rebalance) return;
    const auto send_away = [this](double share) {
        for (auto& core : cores_)
            asio::post(core->io, [c = core.get(), share] { c->send_away_at_most(share); });
    };
    evening_ =
        std::make_unique<evening_out>(operations_->io, *roll, send_away, clock_, metrics_, log_);
}

void node::listen() {
    using asio::ip::tcp;
    tcp::endpoint at = endpoint_of(settings_.listen);
    for (auto& core : cores_) {
        listeners_.push_back(std::make_unique<net::listener>(*core, at, net::public_routes()));
        at = listeners_.front()
                 ->local_endpoint();  // a port that the system chose is the same for all
    }
    operations_listener_ = std::make_unique<net::listener>(
        *operations_, endpoint_of(settings_.ops_listen), net::operations_routes());
}

template <class T>
base::result<T> node::settle(asio::awaitable<base::result<T>> work) {
    auto& io = cores_.front()->io;
    auto done = asio::co_spawn(io, std::move(work), asio::use_future);
    io.restart();
    while (done.wait_for(std::chrono::seconds{0}) != std::future_status::ready) io.run_one();
    return done.get();
}

base::result<void> node::prepare_tenant(const std::string& secret) {
    auto& core = cores_.front()->app;
    auto ready = settle(prepare_first_tenant(core, settings_, secret));
    if (!ready) return ready.error();
    welcome_text what{listeners_.front()->local_endpoint(),
                      operations_listener_->local_endpoint(),
                      cores_.front()->settings.assets->find("studio.html") != nullptr,
                      *ready,
                      {}};
    if (settings_.demo) {
        auto demo = settle(make_demo(core, ready->tenant));
        if (!demo) return demo.error();
        what.demo = std::move(*demo);
    }
    print_welcome(settings_, what);
    return {};
}

int node::run() {
    signals_ = std::make_unique<asio::signal_set>(operations_->io, SIGTERM, SIGINT, SIGHUP);
    for (auto& core : cores_) {
        core->io.restart();
        core->start_tick(net::io_core::duty::audience);
    }
    for (std::size_t i = 0; i < cores_.size(); ++i) {
        asio::co_spawn(cores_[i]->io, listeners_[i]->run(), rethrow);
        threads_.emplace_back([core = cores_[i].get()] { core->io.run(); });
    }
    operations_->start_tick(net::io_core::duty::operations);
    asio::co_spawn(operations_->io, operations_listener_->run(), rethrow);
    asio::co_spawn(operations_->io, supervise(), rethrow);
    if (exporter_) asio::co_spawn(operations_->io, exporter_->run(), rethrow);
    if (evening_) asio::co_spawn(operations_->io, evening_->run(), rethrow);
    log_.write(ports::severity::info, "ready", {{"version", version}});
    operations_->io.run();
    stop_all();
    log_.write(ports::severity::info, "stopped");
    return 0;
}

readiness node::readiness_now() const {
    readiness state{.draining = draining_,
                    .store_ready = store_->ready(),
                    .store_trouble = store_->trouble(),
                    .pressure = metrics_.value(ports::level::pressure)};
    const auto now = clock_.mono();
    for (const auto& core : cores_) {
        const auto last = core->last_tick.load(std::memory_order_relaxed);
        if (last != base::mono_time::max() && now - last > longest_silence)
            state.threads_alive = false;
    }
    return state;
}

std::string node::metrics_page(net::metrics_form form) {
    metrics_.set(ports::level::store_ready, store_->ready() ? 1 : 0);
    return form == net::metrics_form::open_metrics ? metrics_.render_open_metrics()
                                                   : metrics_.render();
}

// Runs on the thread of run(). The listeners stay open: until the load balancer has looked, clients
// still come.
void node::begin_drain() {
    if (draining_.exchange(true)) return;
    log_.write(ports::severity::info, "draining");
    metrics_.move(ports::gauge::draining, 1);
    if (evening_) evening_->stop();
    for (auto& core : cores_) asio::post(core->io, [c = core.get()] { c->drain(); });
}

void node::rebalance(double share) {
    log_.write(ports::severity::info, "rebalancing", {{"share", std::to_string(share)}});
    for (auto& core : cores_)
        asio::post(core->io, [c = core.get(), share] { c->rebalance(share); });
}

asio::awaitable<void> node::supervise() {
    for (;;) {
        const int signal = co_await signals_->async_wait(asio::use_awaitable);
        if (signal != SIGHUP) break;
        if (auto fresh = reload_(log_)) apply(*fresh);
    }
    // From here on a signal means: do not wait for anybody.
    auto hurry = [this](const boost::system::error_code& ec, int) { hurry_ = hurry_ || !ec; };
    signals_->async_wait(hurry);
    begin_drain();
    for (std::size_t i = 0; i < cores_.size(); ++i)
        asio::post(cores_[i]->io, [l = listeners_[i].get()] { l->close(); });
    co_await wait_until_empty();
    co_await drained();
}

asio::awaitable<void> node::wait_until_empty() {
    const auto give_up = clock_.mono() + settings_.drain_timeout;
    asio::steady_timer wait(operations_->io);
    const auto open = [this] {
        std::size_t sum = 0;
        for (const auto& core : cores_)
            sum += core->open_connections.load(std::memory_order_relaxed);
        return sum;
    };
    const auto on_the_roll = [this] { return evening_ && !evening_->ended(); };
    while (!hurry_ && clock_.mono() < give_up && (open() > 0 || on_the_roll())) {
        wait.expires_after(look_again);
        boost::system::error_code ec;
        co_await wait.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    }
}

asio::awaitable<void> node::drained() {
    operations_listener_->close();
    operations_->drain();
    operations_->stop_tick();
    if (exporter_) exporter_->stop();
    operations_->io.stop();
    co_return;
}

// The store goes first: what it has queued is written and its answers are posted to cores that
// still run.
void node::stop_all() {
    if (store_) store_->stop();
    for (auto& core : cores_) {
        asio::post(core->io, [c = core.get()] {
            c->stop_tick();
            c->io.stop();
        });
    }
    for (auto& thread : threads_) thread.join();
    threads_.clear();
}

void node::apply(const config::settings& fresh) {
    settings_ = fresh;
    log_.set_level(severity_of(fresh));
    const auto net = net_settings_of(fresh, static_cast<std::uint32_t>(cores_.size()));
    if (!net) {
        log_.write(ports::severity::error, "configuration not reloaded",
                   {{"why", net.error().detail}});
        return;
    }
    note_certificate(net->tls);
    for (auto& core : cores_) {
        asio::post(core->io, [c = core.get(), net = *net, rates = limit_rates_of(fresh)] {
            c->settings = net;
            c->app.limits.set_rates(rates);
        });
    }
    log_.write(ports::severity::info, "configuration reloaded");
}

}  // namespace tallycast::server
