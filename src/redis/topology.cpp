#include "topology.hpp"

#include "cluster_topology.hpp"
#include "sentinel_topology.hpp"
#include "spawn.hpp"

#include <algorithm>
#include <utility>

namespace tallycast::redis {

namespace asio = boost::asio;

namespace {

// Between two looks, however many ask for one.
constexpr std::chrono::milliseconds shortest_pause{50};

base::mono_time now() { return std::chrono::steady_clock::now(); }

class lone_server final : public topology {
public:
    lone_server(endpoint at, dialling how, ports::log& log, std::function<void()> changed)
        : topology(std::move(how), log, std::move(changed), fence(std::chrono::milliseconds{0})),
          at_(std::move(at)) {}

private:
    asio::awaitable<void> look(base::mono_time) override {
        if (map().empty()) adopt(slot_map::of_one(at_));
        co_return;
    }
    endpoint at_;
};

}  // namespace

std::shared_ptr<topology> topology::of(const deployment& where, dialling how, ports::log& log,
                                       std::function<void()> changed) {
    if (where.kind == topology_kind::sentinel)
        return std::make_shared<sentinel_topology>(where, std::move(how), log, std::move(changed));
    if (where.kind == topology_kind::cluster)
        return std::make_shared<cluster_topology>(where, std::move(how), log, std::move(changed));
    return std::make_shared<lone_server>(where.at.front(), std::move(how), log, std::move(changed));
}

topology::topology(dialling how, ports::log& log, std::function<void()> changed, fence guard)
    : how_(std::move(how)),
      log_(log),
      guard_(guard),
      changed_(std::move(changed)),
      wake_(how_.executor),
      was_fenced_(guard.up(now())) {}

void topology::start() {
    begin();
    spawn(how_.executor, run(shared_from_this()));
}

void topology::stop() {
    stopped_ = true;
    changed_ = [] {};
    wake_.ring();
}

bool topology::fenced() const { return guard_.up(now()); }

bool topology::in_doubt() const { return guard_.in_doubt() && !guard_.without_majority(now()); }

void topology::doubt() {
    guard_.doubt(now());
    tell_of_fence();
    look_again();
}

void topology::look_again() {
    again_ = true;
    wake_.ring();
}

void topology::moved(slot at, const endpoint& to) {
    const auto* owner = map_.owner_of(at);
    if (!owner || *owner != to) {
        map_.assign({at, at}, to);
        changed_();
    }
    look_again();
}

void topology::adopt(slot_map map) {
    if (stopped_ || map == map_) return;
    map_ = std::move(map);
    changed_();
}

void topology::complain(std::string why) {
    if (!why.empty() && why != trouble_)
        log_.write(ports::severity::warn, "looking for Redis", {{"why", why}});
    trouble_ = std::move(why);
}

void topology::tell_of_fence() {
    const bool up = fenced();
    if (std::exchange(was_fenced_, up) == up || stopped_) return;
    if (in_doubt()) {
        log_.write(ports::severity::warn,
                   "the primary is being replaced: nothing is acknowledged meanwhile");
    } else if (up) {
        log_.write(ports::severity::error,
                   "no majority to be heard: nothing is acknowledged until there is one again");
    } else {
        log_.write(ports::severity::info, "a majority can be heard, and agrees on the primary");
    }
    changed_();
}

asio::awaitable<void> topology::run(std::shared_ptr<topology> self) {
    while (!self->stopped_) {
        const auto asked = now();
        self->again_ = false;
        co_await self->look(asked);
        self->tell_of_fence();
        const auto soonest = now() + shortest_pause;
        auto next = asked + self->how_.options.watch_every;
        while (!self->stopped_ && now() < next) {
            if (self->again_) next = soonest;
            co_await self->wake_.wait(next);
        }
    }
}

}  // namespace tallycast::redis
