#include <tallycast/server/change_relay.hpp>

#include <tallycast/net/broadcast.hpp>

#include <boost/asio/post.hpp>

#include <chrono>
#include <utility>

namespace tallycast::server {

void change_relay::attach(std::vector<net::io_core*> cores, net::io_core& operations,
                          flag_hook on_flag) {
    const std::lock_guard lock(mutex_);
    cores_ = std::move(cores);
    operations_ = &operations;
    on_flag_ = std::move(on_flag);
    attached_ = true;
    for (const auto& change : std::exchange(early_, {})) tell(change, false);
}

void change_relay::on_change(const ports::change& what) {
    const std::lock_guard lock(mutex_);
    attached_ ? tell(what, true) : early_.push_back(what);
}

namespace {

// From the snapshot's arrival until every reader on this core had it, as far as their sockets took
// it.
void note_fan_out(net::io_core& core, const app::broadcast& shown) {
    if (core.app.tracer == nullptr || shown.kind != app::broadcast_kind::results) return;
    const auto span = core.app.tracer->begin(std::nullopt, false);
    if (span.sampled)
        core.app.tracer->end({"fan_out", span, {}, shown.came_at, core.app.clock.mono()});
}

// On the core's own thread, as what follows.
void heed(net::io_core& core, const app::flag_ptr& flag) {
    core.app.flags.put(flag);
    core.live.heed(*flag);
}

void take_in(net::io_core& core, const ports::change& what, const app::broadcast_ptr& shown) {
    if (const auto* flag = std::get_if<app::flag_ptr>(&what)) return heed(core, *flag);
    core.app.catalog.apply(what);
    core.live.forget(what);
    if (const auto* gone = std::get_if<ports::event_removed>(&what))
        core.app.numbers.forget(gone->id);
    if (const auto* gone = std::get_if<ports::poll_removed>(&what))
        core.app.unshown.forget(gone->id);
    if (const auto* results = std::get_if<std::shared_ptr<const domain::results>>(&what)) {
        const auto now = core.app.clock.mono();
        const auto waited = core.app.unshown.shown((*results)->poll, (*results)->at, now);
        if (waited)
            core.app.meter.observe(ports::timing::results_shown,
                                   std::chrono::duration<double>(*waited).count());
    }
    if (!shown) return;
    core.live.publish(shown);
    note_fan_out(core, *shown);
}

}  // namespace

void change_relay::tell(const ports::change& what, bool just_now) {
    if (const auto* flag = std::get_if<app::flag_ptr>(&what)) {
        on_flag_(**flag, just_now);
        boost::asio::post(operations_->io, [to = operations_, set = *flag] { heed(*to, set); });
    }
    const auto shown = net::broadcast_of(what, cores_.front()->app.clock.mono());
    for (auto* core : cores_) {
        boost::asio::post(core->io, [core, what, shown] { take_in(*core, what, shown); });
    }
}

}  // namespace tallycast::server
