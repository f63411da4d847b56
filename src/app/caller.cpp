#include <tallycast/app/caller.hpp>

namespace tallycast::app {

namespace {

std::string sha256_hex(std::string_view text) { return hex(sha256(text)); }

base::failure unauthorised() {
    return {base::errc::unauthorised,
            "This route needs a key that is valid for it (Authorization: Bearer …)."};
}

base::result<caller> identify_by_token(core& on, std::string_view credential) {
    auto claims = on.tokens.verify(credential, on.clock.wall());
    if (!claims) return claims.error();
    if (claims->kind == token_kind::watcher)
        return caller{watcher_caller{claims->event, claims->expires}};
    return caller{voter_caller{claims->event, claims->number, claims->expires}};
}

}  // namespace

base::failure event_not_found() { return {base::errc::event_not_found, "There is no such event."}; }
base::failure poll_not_found() { return {base::errc::poll_not_found, "There is no such poll."}; }

base::result<caller> identify(core& on, std::string_view credential) {
    if (credential.empty()) return caller{anyone{}};
    if (credential.starts_with("tcv_") || credential.starts_with("tcw_"))
        return identify_by_token(on, credential);
    const auto hash = sha256_hex(credential);
    if (!on.settings.operator_hash.empty() &&
        equal_in_constant_time(hash, on.settings.operator_hash))
        return caller{operator_caller{}};
    if (const auto key = on.catalog.key_with_hash(hash))
        return caller{host_caller{key->tenant, hash}};
    return unauthorised();
}

bool is_over(core& on, const caller& who) {
    if (const auto* host = std::get_if<host_caller>(&who))
        return !on.catalog.key_with_hash(host->key_hash);
    const auto now = on.clock.wall();
    if (const auto* voter = std::get_if<voter_caller>(&who)) return voter->expires <= now;
    if (const auto* watcher = std::get_if<watcher_caller>(&who)) return watcher->expires <= now;
    return false;
}

bool sees_as_host(const caller& who, const domain::event& event) {
    if (const auto* host = std::get_if<host_caller>(&who)) return host->tenant == event.tenant;
    if (const auto* watcher = std::get_if<watcher_caller>(&who)) return watcher->event == event.id;
    return false;
}

base::result<base::tenant_id> tenant_of(const caller& who) {
    if (const auto* host = std::get_if<host_caller>(&who)) return host->tenant;
    return unauthorised();
}

base::result<event_ptr> own_event(core& on, const caller& who, const base::event_id& event) {
    const auto tenant = tenant_of(who);
    if (!tenant) return tenant.error();
    auto found = on.catalog.event(event);
    if (!found || found->tenant != *tenant) return event_not_found();
    return found;
}

base::result<poll_ptr> own_poll(core& on, const caller& who, const base::poll_id& poll) {
    const auto tenant = tenant_of(who);
    if (!tenant) return tenant.error();
    auto found = on.catalog.poll(poll);
    if (!found || found->tenant != *tenant) return poll_not_found();
    return found;
}

}  // namespace tallycast::app
