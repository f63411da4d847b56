#include <tallycast/server/change_relay.hpp>

#include <tallycast/net/broadcast.hpp>

#include <boost/asio/post.hpp>

#include <utility>

namespace tallycast::server {

void change_relay::attach(std::vector<net::io_core*> cores) {
    const std::lock_guard lock(mutex_);
    cores_ = std::move(cores);
    attached_ = true;
    for (const auto& change : std::exchange(early_, {})) tell(change);
}

void change_relay::on_change(const ports::change& what) {
    const std::lock_guard lock(mutex_);
    attached_ ? tell(what) : early_.push_back(what);
}

void change_relay::tell(const ports::change& what) {
    const auto shown = net::broadcast_of(what);
    for (auto* core : cores_) {
        boost::asio::post(core->io, [core, what, shown] {
            core->app.catalog.apply(what);
            core->live.forget(what);
            if (const auto* gone = std::get_if<ports::event_removed>(&what))
                core->app.numbers.forget(gone->id);
            if (shown) core->live.publish(shown);
        });
    }
}

}  // namespace tallycast::server
