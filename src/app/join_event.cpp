#include <tallycast/app/join_event.hpp>

#include <tallycast/app/see_event.hpp>

namespace tallycast::app {

namespace asio = boost::asio;

namespace {

base::failure code_not_found() { return {base::errc::event_not_found, "No event has this code."}; }

// The voter that a token of this event already names.
std::optional<joined> rejoined(core& on, std::string_view credential, const event_ptr& event) {
    if (!credential.starts_with("tcv_")) return std::nullopt;
    const auto claims = on.tokens.verify(credential, on.clock.wall());
    if (!claims || claims->event != event->id) return std::nullopt;
    return joined{event, open_polls(on, event->id), std::string(credential), claims->number,
                  claims->expires};
}

base::failure join_limited(const limit_answer& limit) {
    base::failure f{base::errc::rate_limited, "Too many joins from this address just now."};
    f.limit = limit.name;
    f.retry_after = std::chrono::ceil<base::milliseconds>(limit.bucket.retry_after);
    return f;
}

base::failure join_later(const core& on) {
    base::failure f{base::errc::overloaded, "The node is busy; votes go first."};
    f.retry_after = on.admission.retry_after();
    return f;
}

base::failure joins_are_off() {
    base::failure f{base::errc::overloaded, "Nobody new is let in at the moment."};
    f.retry_after = base::milliseconds{5000};
    return f;
}

std::string voter_token(core& on, const base::event_id& event, base::voter_number number,
                        base::wall_time expires) {
    return on.tokens.sign({token_kind::voter, event, number, on.clock.wall(), expires});
}

// What a token can say of a time: whole seconds.
base::wall_time expiry(const core& on, std::chrono::seconds life) {
    return std::chrono::floor<std::chrono::seconds>(on.clock.wall()) + life;
}

}  // namespace

asio::awaitable<base::result<joined>> join_event(core& on, std::string_view credential, origin from,
                                                 std::string_view typed_code,
                                                 limit_answer& limited) {
    limited = on.limits.join(from, on.clock.mono());
    if (!limited.allowed) co_return join_limited(limited);
    const auto code = domain::folded_code(typed_code);
    const auto event = code ? on.catalog.event_with_code(*code) : nullptr;
    if (!event) co_return code_not_found();
    if (auto same = rejoined(on, credential, event)) co_return std::move(*same);
    if (!on.flags.on(domain::flag_id::joins)) co_return joins_are_off();
    if (!on.admits(work::join)) co_return join_later(on);

    const auto tenant = on.catalog.tenant(event->tenant);
    const auto quotas = tenant ? tenant->quotas : domain::quotas{};
    const auto number = co_await on.numbers.next(event->id, quotas.voters_per_event);
    if (!number) co_return number.error();
    on.meter.add(ports::count::joins);
    const auto expires = expiry(on, on.settings.token_life);
    co_return joined{event, open_polls(on, event->id), voter_token(on, event->id, *number, expires),
                     *number, expires};
}

base::result<std::string> make_watcher(core& on, const caller& who, const base::event_id& event,
                                       std::chrono::seconds life) {
    const auto own = own_event(on, who, event);
    if (!own) return own.error();
    return on.tokens.sign({token_kind::watcher, event, {}, on.clock.wall(), expiry(on, life)});
}

}  // namespace tallycast::app
