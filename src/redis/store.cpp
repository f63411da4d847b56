#include <tallycast/redis/store.hpp>

#include "core_votes.hpp"
#include "hop.hpp"
#include "house.hpp"
#include "transport.hpp"

namespace tallycast::redis {

namespace asio = boost::asio;

base::result<void> check_authorities(const std::string& ca_file) {
    const auto made = make_tls_context(ca_file);
    if (!made) return made.error();
    return {};
}

base::result<std::unique_ptr<store>> store::open(const store_options& options,
                                                 const ports::clock& clock, ports::meter& meter,
                                                 ports::log& log) {
    auto where = parse_deployment(options.url);
    if (!where) return where.error();
    if (options.slices > place_count)
        return base::failure(base::errc::invalid_request, "There are at most 64 slices.");
    auto home = std::make_unique<house>(options, std::move(*where), clock, meter, log);
    return std::unique_ptr<store>(new store(options, std::move(home), meter, log));
}

store::store(const store_options& options, std::unique_ptr<house> home, ports::meter& meter,
             ports::log& log)
    : options_(options),
      house_(std::move(home)),
      meter_(meter),
      log_(log),
      stopped_(std::make_shared<std::atomic<bool>>(false)) {}

store::~store() { stop(); }

base::result<void> store::start(ports::change_listener& listener) {
    return house_->start(listener);
}

ports::vote_store& store::votes_on(asio::any_io_executor core) {
    return *cores_.emplace_back(std::make_unique<core_votes>(
        std::move(core), *house_, house_->where(), house_->link_options(), house_->rules(),
        stopped_, meter_, log_));
}

void store::stop() {
    if (stopped_->exchange(true)) return;
    for (const auto& core : cores_) core->stop();
    house_->stop();
}

bool store::ready() const noexcept { return house_->ready(); }

const ports::clock& store::clock() const noexcept { return house_->clock(); }

std::string store::trouble() const { return house_->trouble(); }

template <class T>
ports::answer<T> store::at_home(ports::answer<T> work) {
    if (*stopped_) co_return base::failure(base::errc::shutting_down, "The store is stopped.");
    auto done = carried_out_on(house_->executor(), std::move(work));
    co_return co_await std::move(done);
}

ports::answer<domain::event> store::add_event(domain::event event) {
    return at_home(house_->host().add_event(std::move(event)));
}

ports::answer<domain::event> store::change_event(base::event_id event, domain::event_patch patch) {
    return at_home(house_->host().change_event(std::move(event), std::move(patch)));
}

ports::answer<void> store::remove_event(base::event_id event) {
    return at_home(house_->host().remove_event(std::move(event)));
}

ports::answer<domain::poll> store::add_poll(domain::poll poll) {
    return at_home(house_->host().add_poll(std::move(poll)));
}

ports::answer<domain::poll> store::change_poll(base::poll_id poll, domain::poll_patch patch) {
    return at_home(house_->host().change_poll(std::move(poll), std::move(patch)));
}

ports::answer<void> store::remove_poll(base::poll_id poll) {
    return at_home(house_->host().remove_poll(std::move(poll)));
}

ports::answer<domain::poll> store::move_poll(base::poll_id poll, domain::transition what,
                                             std::optional<base::milliseconds> duration) {
    return at_home(house_->host().move_poll(std::move(poll), what, duration));
}

ports::answer<ports::number_block> store::take_numbers(base::event_id event, std::uint64_t count) {
    return at_home(house_->host().take_numbers(std::move(event), count));
}

ports::answer<domain::tenant> store::add_tenant(domain::tenant tenant) {
    return at_home(house_->host().add_tenant(std::move(tenant)));
}

ports::answer<domain::tenant> store::change_tenant(base::tenant_id tenant,
                                                   domain::tenant_patch patch) {
    return at_home(house_->host().change_tenant(std::move(tenant), std::move(patch)));
}

ports::answer<void> store::remove_tenant(base::tenant_id tenant) {
    return at_home(house_->host().remove_tenant(std::move(tenant)));
}

ports::answer<domain::host_key> store::add_key(domain::host_key key) {
    return at_home(house_->host().add_key(std::move(key)));
}

ports::answer<void> store::remove_key(base::tenant_id tenant, base::key_id key) {
    return at_home(house_->host().remove_key(std::move(tenant), std::move(key)));
}

ports::answer<domain::flag> store::set_flag(domain::flag flag) {
    return at_home(house_->host().set_flag(std::move(flag)));
}

ports::answer<std::string> store::secret() { return at_home(house_->host().secret()); }

ports::answer<bool> store::catch_up() { return at_home(house_->look_for_news()); }

ports::answer<ports::token_loan> store::lease(base::tenant_id tenant, std::uint32_t wanted,
                                              domain::bucket_rate rate) {
    return at_home(house_->tokens().lease(std::move(tenant), wanted, rate));
}

ports::answer<std::vector<ports::node_word>> store::call_roll(std::optional<ports::node_word> own,
                                                              std::vector<std::string> strike) {
    return at_home(house_->roll().call_roll(std::move(own), std::move(strike)));
}

}  // namespace tallycast::redis
