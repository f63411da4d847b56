#include <tallycast/app/manage.hpp>

#include <algorithm>
#include <array>
#include <utility>

// Throughout: a call that takes an aggregate by value is made in one statement and awaited in the
// next. g++ 12 destroys such an argument twice when it is a temporary of the co_await expression
// itself.
namespace tallycast::app {

namespace {

constexpr int code_attempts = 8;

base::failure code_refused(std::string why) {
    return {base::errc::invalid_request, std::move(why)};
}

base::result<std::string> usable_code(std::string_view typed) {
    auto code = domain::folded_code(typed);
    if (!code) return code_refused("code: 6 to 8 letters and digits are needed.");
    if (is_page_name(*code))
        return code_refused("code: this word is the name of a page of the node.");
    if (code->find_first_of("0O1IL") != std::string::npos)
        return code_refused(
            "code: 0, O, 1, I and L are taken for each other; use other characters.");
    return std::move(*code);
}

}  // namespace

bool is_page_name(std::string_view folded_code) {
    static constexpr std::array names{"PRESENT", "STUDIO",  "OPENAPI", "ASSETS", "STATIC", "EVENTS",
                                      "HEALTHZ", "METRICS", "FAVICON", "ROBOTS", "READYZ"};
    return std::ranges::find(names, folded_code) != names.end();
}

use_case<domain::event> create_event(core& on, caller who, std::string title,
                                     std::optional<std::string> code,
                                     domain::event_settings settings) {
    const auto tenant = tenant_of(who);
    if (!tenant) co_return tenant.error();
    domain::event event{base::event_id{random_id()}, *tenant, std::move(title), {},
                        std::move(settings),         1,       on.clock.wall()};
    if (code) {
        auto usable = usable_code(*code);
        if (!usable) co_return usable.error();
        event.code = std::move(*usable);
        auto work = on.polls.add_event(std::move(event));
        co_return co_await std::move(work);
    }
    // A code of our own choice is tried again when somebody else has it.
    for (int attempt = 1;; ++attempt) {
        event.code = random_code(domain::min_code_length);
        auto work = on.polls.add_event(event);
        auto added = co_await std::move(work);
        const bool taken = !added && added.error().code == base::errc::code_taken;
        if (!taken || attempt == code_attempts) co_return added;
    }
}

use_case<domain::event> change_event(core& on, caller who, base::event_id id,
                                     ports::event_patch patch) {
    const auto event = own_event(on, who, id);
    if (!event) co_return event.error();
    if (patch.code) {
        // Its own may stay, whatever is asked of new ones.
        const bool own = domain::folded_code(*patch.code) == (*event)->code;
        auto usable = own ? base::result<std::string>((*event)->code) : usable_code(*patch.code);
        if (!usable) co_return usable.error();
        patch.code = std::move(*usable);
    }
    auto work = on.polls.change_event(std::move(id), std::move(patch));
    co_return co_await std::move(work);
}

use_case<void> delete_event(core& on, caller who, base::event_id id) {
    const auto event = own_event(on, who, id);
    if (!event) co_return event.error();
    on.numbers.forget(id);
    co_return co_await on.polls.remove_event(std::move(id));
}

use_case<domain::poll> create_poll(core& on, caller who, base::event_id id,
                                   domain::poll_definition definition) {
    const auto event = own_event(on, who, id);
    if (!event) co_return event.error();
    domain::poll poll;
    poll.id = base::poll_id{random_id()};
    poll.event = std::move(id);
    poll.tenant = (*event)->tenant;
    poll.definition = std::move(definition);
    poll.created_at = on.clock.wall();
    if (const auto others = on.catalog.polls_of(poll.event); !others.empty())
        poll.position = std::min(others.back()->position + 1, domain::max_position);
    auto work = on.polls.add_poll(std::move(poll));
    co_return co_await std::move(work);
}

use_case<domain::poll> change_poll(core& on, caller who, base::poll_id id,
                                   ports::poll_patch patch) {
    const auto poll = own_poll(on, who, id);
    if (!poll) co_return poll.error();
    auto work = on.polls.change_poll(std::move(id), std::move(patch));
    co_return co_await std::move(work);
}

use_case<void> delete_poll(core& on, caller who, base::poll_id id) {
    const auto poll = own_poll(on, who, id);
    if (!poll) co_return poll.error();
    co_return co_await on.polls.remove_poll(std::move(id));
}

use_case<domain::poll> move_poll(core& on, caller who, base::poll_id id, domain::transition what,
                                 std::optional<base::milliseconds> duration) {
    const auto poll = own_poll(on, who, id);
    if (!poll) co_return poll.error();
    co_return co_await on.polls.move_poll(std::move(id), what, duration);
}

use_case<ledger_view> read_ledger(core& on, caller who, base::poll_id id, std::uint32_t round) {
    const auto poll = own_poll(on, who, id);
    if (!poll) co_return poll.error();
    if (on.settle_refusals) co_await on.settle_refusals();
    const auto current = (*poll)->round;
    auto ledger = co_await on.votes.ledger(std::move(id), round);
    if (!ledger) co_return ledger.error();
    co_return ledger_view{round == 0 ? current : round, *ledger};
}

base::result<void> must_be_operator(const caller& who) {
    if (std::holds_alternative<operator_caller>(who)) return {};
    return base::failure{base::errc::unauthorised, "This route needs the operator key."};
}

base::result<tenant_ptr> operated_tenant(core& on, const caller& who, const base::tenant_id& id) {
    if (const auto may = must_be_operator(who); !may) return may.error();
    auto tenant = on.catalog.tenant(id);
    if (!tenant) return base::failure{base::errc::tenant_not_found, "There is no such tenant."};
    return tenant;
}

use_case<domain::tenant> create_tenant(core& on, caller who, std::string name,
                                       domain::quotas quotas) {
    if (const auto may = must_be_operator(who); !may) co_return may.error();
    auto work = on.polls.add_tenant(
        {base::tenant_id{random_id()}, std::move(name), quotas, on.clock.wall()});
    co_return co_await std::move(work);
}

use_case<domain::tenant> change_tenant(core& on, caller who, base::tenant_id id,
                                       ports::tenant_patch patch) {
    const auto tenant = operated_tenant(on, who, id);
    if (!tenant) co_return tenant.error();
    auto work = on.polls.change_tenant(std::move(id), std::move(patch));
    co_return co_await std::move(work);
}

use_case<void> delete_tenant(core& on, caller who, base::tenant_id id) {
    const auto tenant = operated_tenant(on, who, id);
    if (!tenant) co_return tenant.error();
    co_return co_await on.polls.remove_tenant(std::move(id));
}

use_case<new_key> create_key(core& on, caller who, base::tenant_id id, std::string label) {
    const auto tenant = operated_tenant(on, who, id);
    if (!tenant) co_return tenant.error();
    auto secret = random_host_key();
    auto work = on.polls.add_key(key_record(secret, id, std::move(label), on.clock.wall()));
    auto added = co_await std::move(work);
    if (!added) co_return added.error();
    co_return new_key{std::move(*added), std::move(secret)};
}

use_case<void> delete_key(core& on, caller who, base::tenant_id id, base::key_id key) {
    const auto tenant = operated_tenant(on, who, id);
    if (!tenant) co_return tenant.error();
    co_return co_await on.polls.remove_key(std::move(id), std::move(key));
}

use_case<domain::flag> set_flag(core& on, caller who, domain::flag_id which,
                                std::optional<domain::flag_value> value) {
    if (const auto may = must_be_operator(who); !may) co_return may.error();
    if (value)
        if (const auto fits = domain::check_flag(which, *value); !fits) co_return fits.error();
    domain::flag flag{which, std::move(value), on.clock.wall()};
    auto work = on.polls.set_flag(std::move(flag));
    co_return co_await std::move(work);
}

domain::host_key key_record(std::string_view secret, const base::tenant_id& tenant,
                            std::string label, base::wall_time now) {
    // "tck_" and six characters of forty-three; of a short key of somebody's own making, less.
    const std::size_t shown = std::min<std::size_t>(10, secret.size() / 2);
    return {base::key_id{random_id()}, tenant,
            hex(sha256(secret)),       std::string(secret.substr(0, shown)),
            std::move(label),          now};
}

std::string random_host_key() {
    std::array<unsigned char, 32> bytes;
    fill_random(bytes);
    return "tck_" + base64url(bytes);
}

}  // namespace tallycast::app
