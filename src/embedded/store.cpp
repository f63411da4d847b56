#include <tallycast/embedded/store.hpp>

#include "command.hpp"
#include "data_file.hpp"
#include "engine.hpp"
#include "load.hpp"
#include "readings.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

namespace tallycast::embedded {

namespace {

namespace asio = boost::asio;

// Has `work(desks, now)` carried out by the store's thread; the awaiting coroutine resumes at home.
template <class Work>
auto ask(engine& at, command_kind kind, Work work) {
    using answer = std::invoke_result_t<Work&, const desks&, base::wall_time>;
    using value = typename answer::value_type;
    auto begin = [&at, kind, work = std::move(work)](auto handler) mutable {
        using call = asked<value, Work, decltype(handler)>;
        at.submit(std::make_unique<call>(kind, std::move(work), std::move(handler)));
    };
    return asio::async_initiate<const asio::use_awaitable_t<>, void(answer)>(std::move(begin),
                                                                             asio::use_awaitable);
}

}  // namespace

base::result<std::unique_ptr<store>> store::open(const store_options& options,
                                                 const ports::clock& clock, ports::meter& meter,
                                                 ports::log& log) {
    const auto path = data_file_path(options);
    auto db = open_to_read(options);
    if (!db) return db.error();
    auto live = load(*db, path);
    if (!live) return live.error();
    if (auto writing = begin_writing(*db, options); !writing) return writing.error();
    rows tables;
    if (!tables.prepare(*db)) return unusable(path, db->error());
    return std::unique_ptr<store>(new store(std::make_unique<engine>(
        options, std::move(*live), std::move(*db), std::move(tables), clock, meter, log)));
}

store::store(std::unique_ptr<engine> running) : engine_(std::move(running)) {}

store::~store() = default;

void store::start(ports::change_listener& listener) { engine_->start(listener); }

void store::stop() { engine_->stop(); }

bool store::ready() const noexcept { return engine_->ready(); }

asio::awaitable<base::result<std::vector<domain::decision>>> store::cast(ports::vote_group group) {
    return ask(*engine_, command_kind::votes,
               [group = std::move(group)](const desks& at, base::wall_time now) {
                   return at.ballots.cast(group, now);
               });
}

asio::awaitable<base::result<ports::kept_ballot>> store::ballot_of(base::poll_id poll,
                                                                   base::voter_number voter) {
    return ask(*engine_, command_kind::read,
               [poll = std::move(poll), voter](const desks& at, base::wall_time) {
                   return embedded::ballot_of(at.live, poll, voter);
               });
}

asio::awaitable<base::result<domain::results>> store::results(base::poll_id poll,
                                                              std::uint32_t round) {
    return ask(*engine_, command_kind::read,
               [poll = std::move(poll), round](const desks& at, base::wall_time now) {
                   return embedded::results(at.live, poll, round, now);
               });
}

asio::awaitable<base::result<domain::ledger>> store::ledger(base::poll_id poll,
                                                            std::uint32_t round) {
    return ask(*engine_, command_kind::read,
               [poll = std::move(poll), round](const desks& at, base::wall_time) {
                   return embedded::ledger(at.live, poll, round);
               });
}

// A read as far as order goes: it belongs to no batch, so a failed write does not take it back.
asio::awaitable<base::result<void>> store::note_refused(base::poll_id poll,
                                                        domain::ledger refused) {
    return ask(*engine_, command_kind::read,
               [poll = std::move(poll), refused](const desks& at, base::wall_time) {
                   at.ballots.note(poll, refused);
                   return base::result<void>();
               });
}

asio::awaitable<base::result<ports::ballot_page>> store::ballots(base::poll_id poll,
                                                                 std::uint32_t round,
                                                                 base::voter_number after,
                                                                 std::size_t limit) {
    return ask(*engine_, command_kind::read,
               [poll = std::move(poll), round, after, limit](const desks& at, base::wall_time) {
                   return embedded::ballots(at.live, poll, round, after, limit);
               });
}

ports::answer<domain::event> store::add_event(domain::event event) {
    return ask(*engine_, command_kind::write,
               [event = std::move(event)](const desks& at, base::wall_time) {
                   return at.host.add_event(event);
               });
}

ports::answer<domain::event> store::change_event(base::event_id event, ports::event_patch patch) {
    return ask(
        *engine_, command_kind::write,
        [event = std::move(event), patch = std::move(patch)](const desks& at, base::wall_time) {
            return at.host.change_event(event, patch);
        });
}

ports::answer<void> store::remove_event(base::event_id event) {
    return ask(*engine_, command_kind::write,
               [event = std::move(event)](const desks& at, base::wall_time) {
                   return at.host.remove_event(event);
               });
}

ports::answer<domain::poll> store::add_poll(domain::poll poll) {
    return ask(*engine_, command_kind::write,
               [poll = std::move(poll)](const desks& at, base::wall_time) {
                   return at.host.add_poll(poll);
               });
}

ports::answer<domain::poll> store::change_poll(base::poll_id poll, ports::poll_patch patch) {
    return ask(*engine_, command_kind::write,
               [poll = std::move(poll), patch = std::move(patch)](
                   const desks& at, base::wall_time) { return at.host.change_poll(poll, patch); });
}

ports::answer<void> store::remove_poll(base::poll_id poll) {
    return ask(*engine_, command_kind::write,
               [poll = std::move(poll)](const desks& at, base::wall_time) {
                   return at.host.remove_poll(poll);
               });
}

ports::answer<domain::poll> store::move_poll(base::poll_id poll, domain::transition what,
                                             std::optional<base::milliseconds> duration) {
    return ask(*engine_, command_kind::write,
               [poll = std::move(poll), what, duration](const desks& at, base::wall_time now) {
                   return at.host.move_poll(poll, what, duration, now);
               });
}

ports::answer<ports::number_block> store::take_numbers(base::event_id event, std::uint64_t count) {
    return ask(*engine_, command_kind::write,
               [event = std::move(event), count](const desks& at, base::wall_time) {
                   return at.host.take_numbers(event, count);
               });
}

ports::answer<domain::tenant> store::add_tenant(domain::tenant tenant) {
    return ask(*engine_, command_kind::write,
               [tenant = std::move(tenant)](const desks& at, base::wall_time) {
                   return at.host.add_tenant(tenant);
               });
}

ports::answer<domain::tenant> store::change_tenant(base::tenant_id tenant,
                                                   ports::tenant_patch patch) {
    return ask(
        *engine_, command_kind::write,
        [tenant = std::move(tenant), patch = std::move(patch)](const desks& at, base::wall_time) {
            return at.host.change_tenant(tenant, patch);
        });
}

ports::answer<void> store::remove_tenant(base::tenant_id tenant) {
    return ask(*engine_, command_kind::write,
               [tenant = std::move(tenant)](const desks& at, base::wall_time) {
                   return at.host.remove_tenant(tenant);
               });
}

ports::answer<domain::host_key> store::add_key(domain::host_key key) {
    return ask(
        *engine_, command_kind::write,
        [key = std::move(key)](const desks& at, base::wall_time) { return at.host.add_key(key); });
}

ports::answer<void> store::remove_key(base::tenant_id tenant, base::key_id key) {
    return ask(*engine_, command_kind::write,
               [tenant = std::move(tenant), key = std::move(key)](
                   const desks& at, base::wall_time) { return at.host.remove_key(tenant, key); });
}

ports::answer<domain::flag> store::set_flag(domain::flag flag) {
    return ask(*engine_, command_kind::write,
               [flag = std::move(flag)](const desks& at, base::wall_time) {
                   return at.host.set_flag(flag);
               });
}

ports::answer<std::string> store::secret() {
    return ask(*engine_, command_kind::read, [](const desks& at, base::wall_time) {
        return base::result<std::string>(at.live.secret());
    });
}

// Every write is told before it answers, and nobody else writes.
ports::answer<bool> store::catch_up() { co_return false; }

}  // namespace tallycast::embedded
