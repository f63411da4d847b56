#include "house.hpp"

#include "hop.hpp"
#include "library.hpp"
#include "place.hpp"
#include "server_facts.hpp"
#include "spawn.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <charconv>
#include <future>
#include <utility>

namespace tallycast::redis {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds between_ticks{10};
constexpr std::chrono::milliseconds between_looks{20};
constexpr std::chrono::seconds between_catch_ups{1};          // though no change was announced
constexpr std::chrono::milliseconds time_to_look_again{500};  // for whoever missed a change
constexpr std::chrono::seconds time_to_settle{3};  // until all nodes have met a new primary

std::vector<std::string> all_channels() {
    std::vector<std::string> channels{catalog_key("changed")};
    for (std::size_t place = 0; place < place_count; ++place) {
        channels.push_back(results_channel(place));
        channels.push_back(waiting_channel(place));
    }
    return channels;
}

asio::awaitable<void> pause(std::chrono::milliseconds time) {
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace

void house::relay::on_change(const ports::change& what) {
    const bool is_poll =
        std::holds_alternative<poll_ptr>(what) || std::holds_alternative<ports::poll_removed>(what);
    if (is_poll)
        for (const auto& core : of_.cores_)
            asio::post(core.at, [polls = core.polls, what] { polls->learn(what); });
    if (!std::holds_alternative<std::shared_ptr<const domain::results>>(what))
        of_.last_news_ = std::chrono::steady_clock::now();
    if (node) node->on_change(what);
}

// What slices lack is the ballot desks' to mend.
asio::awaitable<bool> house::doorman::greet(const primary& who, say_function) {
    of_.changed_ = true;
    of_.missed_ = true;
    of_.inspector_.look_soon();
    if (of_.host_) spawn(of_.executor(), of_.tell_given());
    if (!met_.is_another(who)) co_return true;
    of_.inspector_.try_soon();
    of_.primary_replaced();
    if (owns(who, slot_of(catalog_tag)) && of_.catalog_) of_.catalog_->distrust();
    co_return true;
}

house::house(const store_options& options, deployment where, const ports::clock& clock,
             ports::meter& meter, ports::log& log)
    : options_(options),
      where_(std::move(where)),
      clock_(clock),
      time_(clock),
      meter_(meter),
      log_(log),
      open_(io_.get_executor()),
      relay_(*this),
      doorman_(*this),
      redis_(std::make_unique<client>(io_.get_executor(), where_, link_options(),
                                      std::string(library_text()), meter_, log_, &doorman_)),
      inspector_(io_.get_executor(), *redis_, options_.level, log_),
      tokens_(*redis_),
      roll_(*redis_) {}

house::~house() { stop(); }

client_options house::link_options() const {
    client_options options;
    options.ca_file = options_.ca_file;
    return options;
}

ballot_rules house::rules() const {
    return {facts_.kept_by, where_.kind != topology_kind::standalone, options_.apply_again};
}

// What hosts write and which numbers voters get is little, and no node could give it to a new
// primary again: at every level a replica has it, if one is attached.
copies house::catalog_kept_by() const {
    auto kept = facts_.kept_by;
    if (where_.kind != topology_kind::standalone) kept.replicas = std::max(kept.replicas, 1);
    if (kept.who != waiting::always) kept.who = waiting::for_who_is_there;
    return kept;
}

base::result<void> house::start(ports::change_listener& listener) {
    relay_.node = &listener;
    std::promise<base::result<void>> begun;
    auto outcome = begun.get_future();
    thread_ = std::thread([this] { io_.run(); });
    asio::co_spawn(io_, begin(), [&begun](std::exception_ptr thrown, auto done) {
        if (thrown) begun.set_exception(thrown);
        else begun.set_value(std::move(done));
    });
    auto done = outcome.get();
    if (done) ready_ = true;
    return done;
}

asio::awaitable<base::result<void>> house::begin() {
    const asio::any_io_executor here = io_.get_executor();
    redis_->start();
    auto asking = ask_servers();
    auto facts = co_await std::move(asking);
    if (!facts) co_return facts.error();
    facts_ = *facts;
    // Where primaries can be replaced, replicas come and go. A lone server's are there at the
    // start.
    if (options_.level == durability::automatic && where_.kind != topology_kind::standalone)
        facts_.kept_by.replicas = 1;
    slices_ = std::make_unique<slice_desk>(here, *redis_, facts_.kept_by);
    feed_ = std::make_unique<announcer>(here, registry_, *slices_, options_.snapshots_per_second,
                                        clock_, meter_);
    catalog_ = std::make_unique<follower>(here, *redis_, registry_, *feed_, time_, log_);
    host_ = std::make_unique<host_desk>(*redis_, registry_, *catalog_, *slices_, *feed_,
                                        options_.slices, catalog_kept_by(),
                                        [this](const auto& id) { note_behind(id); });
    feed_->begin(relay_, [this] { return is_calm(); });
    if (!options_.apply_again)
        log_.write(ports::severity::warn,
                   "nothing is applied again: votes that were answered may be lost with a primary");
    channels_ = std::make_unique<subscriber>(
        here, where_, link_options(), all_channels(),
        [this](auto channel, auto payload) { on_message(channel, payload); }, [this] { on_gap(); },
        log_);
    channels_->start();
    auto hearing = hear_first();
    const auto heard = co_await std::move(hearing);
    if (!heard) co_return heard.error();
    // Before there is anything: then there is nothing that could be forgotten either.
    auto telling = host_->tell_given();
    const auto told = co_await std::move(telling);
    if (!told) spawn(here, tell_given());
    auto loading = catalog_->catch_up();
    const auto loaded = co_await std::move(loading);
    if (!loaded) co_return loaded.error();
    auto reading = read_all(false);
    co_await std::move(reading);
    spawn(here, tick());
    spawn(here, look_after());
    spawn(here, inspect());
    co_return base::result<void>();
}

// Polls that have counts.
std::vector<poll_ptr> house::polls_begun(bool running_only) const {
    std::vector<poll_ptr> polls;
    for (const auto& [id, kept] : registry_.polls()) {
        const auto status = kept.poll->status;
        const bool running =
            status == domain::poll_status::open || status == domain::poll_status::paused;
        if (running || (!running_only && status != domain::poll_status::draft))
            polls.push_back(kept.poll);
    }
    return polls;
}

// So that they are known and told.
asio::awaitable<void> house::read_all(bool running_only) {
    for (const auto& poll : polls_begun(running_only)) {
        if (stopping_) co_return;
        auto work = read_one(poll, false);
        co_await std::move(work);
    }
}

asio::awaitable<bool> house::read_one(poll_ptr poll, bool raise) {
    auto work = slices_->read(poll, poll->round);
    auto all = co_await std::move(work);
    if (!all) co_return false;
    for (auto& one : *all) {
        const auto version =
            raise && one.counts ? feed_->raised_version(*one.counts) : std::nullopt;
        if (!version) continue;
        auto raising = slices_->raise(poll, one.counts->slice, *version);
        auto raised = co_await std::move(raising);
        if (!raised) co_return false;
        one = std::move(*raised);
    }
    feed_->heard(*all);
    const auto is_placed = [&](const slice_reply& one) {
        return one.counts && one.counts->revision >= poll->revision;
    };
    if (!std::ranges::all_of(*all, is_placed)) note_behind(poll->id);
    co_return true;
}

asio::awaitable<void> house::tick() {
    while (!stopping_) {
        feed_->tick();
        ready_ = redis_->ready() && !redis_->fenced() && forbidden().empty();
        co_await pause(between_ticks);
    }
}

asio::awaitable<void> house::look_after() {
    while (!stopping_) {
        auto work = look_once();
        co_await std::move(work);
        if (clock_.mono() >= sweep_at_) {
            sweep_at_ = base::mono_time::max();  // until this one is through
            spawn(executor(), sweep());
        }
        co_await pause(between_looks);
    }
}

asio::awaitable<void> house::look_once() {
    const auto now = std::chrono::steady_clock::now();
    const bool newer = feed_->behind();
    if (std::exchange(changed_, false) || newer || now >= look_at_changes_) {
        look_at_changes_ = now + between_catch_ups;
        auto work = catalog_->catch_up();
        const auto known = co_await std::move(work);
        if (!known) co_return;
        find_unfinished();
    }
    if (std::exchange(missed_, false)) {
        auto work = read_all(true);
        co_await std::move(work);
    }
    auto settling = settle();
    co_await std::move(settling);
    auto moving = host_->move_due();
    const auto moved = co_await std::move(moving);
    if (!moved) co_return;
    auto placing = place_one_again();
    co_await std::move(placing);
}

void house::on_message(std::string_view channel, std::string_view payload) {
    if (channel.ends_with(":results")) {
        if (auto counts = counts_in(payload)) feed_->heard(std::move(*counts));
    } else if (channel.ends_with(":waiting")) {
        const auto blank = payload.rfind(' ');
        std::uint16_t slice = 0;
        const auto* end = payload.data() + payload.size();
        if (blank == payload.npos ||
            std::from_chars(payload.data() + blank + 1, end, slice).ptr != end)
            return;
        feed_->waits_elsewhere(base::poll_id(payload.substr(0, blank)), slice);
    } else {
        spawn(executor(), take_changes());
    }
}

// At once: a vote for what another node has just made may be on its way to this one.
asio::awaitable<void> house::take_changes() {
    auto work = catalog_->catch_up();
    const auto known = co_await std::move(work);
    if (!known) changed_ = true;
}

void house::on_gap() {
    changed_ = true;
    missed_ = true;
}

void house::stop() {
    if (!thread_.joinable()) return;
    ready_ = false;
    spawn(io_.get_executor(), end());
    thread_.join();
}

asio::awaitable<void> house::end() {
    stopping_ = true;
    if (feed_) {
        auto work = feed_->finish();
        co_await std::move(work);
    }
    if (channels_) channels_->stop();
    redis_->stop();
    open_.reset();
}

void house::attach(asio::any_io_executor at, known_polls& polls) {
    asio::post(io_, [this, at, &polls] {
        cores_.push_back({at, &polls});
        for (const auto& [id, kept] : registry_.polls())
            asio::post(at, [&polls, poll = kept.poll] { polls.learn(poll); });
    });
}

asio::awaitable<base::result<poll_ptr>> house::find(base::poll_id id) {
    const auto look = [](house* self,
                         base::poll_id wanted) -> asio::awaitable<base::result<poll_ptr>> {
        if (const auto* kept = self->registry_.poll(wanted)) co_return kept->poll;
        auto work = self->catalog_->catch_up();
        const auto fresh = co_await std::move(work);
        if (!fresh) co_return fresh.error();
        const auto* kept = self->registry_.poll(wanted);
        co_return kept ? kept->poll : poll_ptr{};
    };
    return carried_out_on(executor(), look(this, std::move(id)));
}

asio::awaitable<base::result<bool>> house::look_for_news() {
    auto work = catalog_->catch_up();
    const auto fresh = co_await std::move(work);
    if (!fresh) co_return fresh.error();
    co_return std::chrono::steady_clock::now() - last_news_ < time_to_look_again;
}

asio::awaitable<base::result<void>> house::catch_up() {
    return carried_out_on(executor(), catalog_->catch_up());
}

asio::awaitable<base::result<void>> house::move_due() {
    const auto look = [](house* self) -> asio::awaitable<base::result<void>> {
        auto knowing = self->catalog_->catch_up();  // for the clock, too
        const auto known = co_await std::move(knowing);
        if (!known) co_return known.error();
        auto work = self->host_->move_due();
        co_return co_await std::move(work);
    };
    return carried_out_on(executor(), look(this));
}

asio::awaitable<base::result<void>> house::place_again(base::poll_id id) {
    return carried_out_on(executor(), host_->place_again(std::move(id)));
}

asio::awaitable<void> house::heard(slice_counts counts) {
    const auto take = [](house* self, slice_counts heard) -> asio::awaitable<void> {
        self->feed_->heard(std::move(heard));
        co_return;
    };
    return asio::co_spawn(io_, take(this, std::move(counts)), asio::use_awaitable);
}

asio::awaitable<std::shared_ptr<const domain::results>> house::known_results(base::poll_id id) {
    const auto look =
        [](house* self,
           base::poll_id wanted) -> asio::awaitable<std::shared_ptr<const domain::results>> {
        co_return self->feed_->known_results(wanted);
    };
    return asio::co_spawn(io_, look(this, std::move(id)), asio::use_awaitable);
}

void house::was_read(std::vector<slice_counts> parts) {
    asio::post(io_, [this, parts = std::move(parts)]() mutable {
        for (auto& part : parts) feed_->heard(std::move(part));
    });
}

void house::primary_replaced() {
    settled_from_ = std::chrono::steady_clock::now() + time_to_settle;
    ++replacements_;
}

bool house::is_calm() const { return std::chrono::steady_clock::now() >= settled_from_.load(); }

bool house::settled() const { return is_calm() && raised_for_ == replacements_; }

void house::refused_by_store() {
    asio::post(io_, [this] { inspector_.try_soon(); });
}

void house::flush_in(std::chrono::milliseconds wait, base::poll_id poll, std::uint16_t slice) {
    const auto when = clock_.mono() + wait;  // from the answer on, however busy this thread is
    asio::post(io_,
               [this, when, poll = std::move(poll), slice] { feed_->flush_at(when, poll, slice); });
}

void house::slice_is_behind(base::poll_id poll) {
    asio::post(io_, [this, poll = std::move(poll)] { note_behind(poll); });
}

}  // namespace tallycast::redis
