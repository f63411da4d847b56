#include <tallycast/net/io_core.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>

namespace tallycast::net {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds tick_time{50};
// A store that does not take refusals is left alone for a while.
constexpr std::chrono::seconds between_attempts_to_settle{1};
constexpr int ticks_between_measures = 20;
constexpr int ticks_between_looks = 5;
constexpr int ticks_between_live_looks = 20;
// A hundred a second: those who come back are no crowd for the nodes they come to, so none of them
// has to wait long.
constexpr std::size_t sent_away_a_tick = 5;
constexpr base::milliseconds away_at_most{2000};
constexpr std::size_t most_noted = 4096;  // news that wait for a tick

void rethrow(std::exception_ptr thrown) {
    if (thrown) std::rethrow_exception(thrown);
}

}  // namespace

io_core::io_core(std::unique_ptr<asio::io_context> on, const app::core_settings& core_settings,
                 const net_settings& net, const app::outside_world& world)
    : owned_io_(std::move(on)),
      io(*owned_io_),
      settings(net),
      app(io.get_executor(), core_settings, world),
      live(app, net.max_subscriptions),
      load(app),
      tick_timer_(std::make_unique<asio::steady_timer>(io)),
      id_prefix_(app::random_id().substr(0, 8)) {
    app.on_voter_news = [this](app::voter_news news) { note(std::move(news)); };
}

io_core::~io_core() {
    tick_timer_.reset();
    owned_io_.reset();
}

std::string io_core::next_request_id() { return id_prefix_ + '-' + std::to_string(++requests_); }

void io_core::start_tick(duty for_whom) { asio::co_spawn(io, tick(for_whom), rethrow); }

void io_core::stop_tick() {
    stopping_ = true;
    tick_timer_->cancel();
}

asio::awaitable<void> io_core::tick(duty for_whom) {
    auto due = app.clock.mono();
    for (int ticks = 0; !stopping_; ++ticks) {
        due += tick_time;
        boost::system::error_code ec;
        tick_timer_->expires_at(due);
        co_await tick_timer_->async_wait(asio::redirect_error(asio::use_awaitable, ec));
        const auto now = app.clock.mono();
        last_tick.store(now, std::memory_order_relaxed);
        app.admission.note_loop_delay(now - due);
        app.admission.note_queue(app.batcher.waiting(), app.batcher.queue_limit());
        if (for_whom == duty::audience) look_at_load(ticks, now, now - due);
        live.flush(now);
        share_noted();
        send_some_away();
        if (ticks % ticks_between_looks == 0) look_at(connections, now);
        if (ticks % ticks_between_live_looks == 0) look_at(live_connections, now);
        // Beside the tick: a store that stalls must not stop the clockwork.
        if (!app.refusals.empty() && now >= settle_from_ && !std::exchange(settling_, true))
            asio::co_spawn(io, settle(), rethrow);
        if (now - due > tick_time * 10) due = now;  // after a pause, no rush to catch up
    }
}

void io_core::look_at_load(int ticks, base::mono_time now, std::chrono::nanoseconds delay) {
    load.tick(now, delay);
    if (ticks % ticks_between_measures == 0)
        load.measure(now, live.hub.counts(), settings.max_connections);
}

// In groups: under a rush of votes, cores would otherwise do little but wake each other.
void io_core::note(app::voter_news news) {
    noted_.push_back(std::move(news));
    if (noted_.size() >= most_noted) share_noted();
}

void io_core::share_noted() {
    if (noted_.empty()) return;
    auto news = std::exchange(noted_, {});
    share_news ? share_news(std::move(news)) : live.tell(news);
}

asio::awaitable<void> io_core::settle() {
    const bool all = co_await app::settle_own_refusals(app);
    if (!all) settle_from_ = app.clock.mono() + between_attempts_to_settle;
    settling_ = false;
}

void io_core::look_at(connection_list& all, base::mono_time now) {
    for (auto at = all.begin(); at != all.end();) {
        connection& one = *at++;  // expiring may take it off the list
        if (one.deadline() <= now) one.expire();
        else one.tick(now);
    }
}

void io_core::drain() {
    draining = true;
    for (auto* all : {&connections, &live_connections}) {
        for (auto at = all->begin(); at != all->end();) {
            connection& one = *at++;
            one.send_away(settings.reconnect_spread);
        }
    }
}

void io_core::rebalance(double share) {
    const auto all = static_cast<double>(live_connections.size());
    to_send_away_ = static_cast<std::size_t>(std::lround(all * share));
}

void io_core::send_away_at_most(double share) {
    const auto all = static_cast<double>(live_connections.size());
    to_send_away_ = std::max(to_send_away_, static_cast<std::size_t>(all * share));
}

// Who was told goes to the end of the list, and is off it as soon as the connection has closed.
void io_core::send_some_away() {
    const auto within = std::min(settings.reconnect_spread, away_at_most);
    for (std::size_t i = 0; i < sent_away_a_tick && to_send_away_ > 0; ++i, --to_send_away_) {
        if (live_connections.empty() || draining) {
            to_send_away_ = 0;
            return;
        }
        connection& longest_here = live_connections.front();
        live_connections.splice(live_connections.end(), live_connections, live_connections.begin());
        app.meter.add(ports::count::connections_sent_away);
        longest_here.send_away(within);
    }
}

}  // namespace tallycast::net
